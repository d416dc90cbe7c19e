import type { Command } from 'commander';
import { logStats, type LogStats } from '#event-store';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { rethrowStoreError } from './store-errors.ts';
import { withLogProgress } from '../io/log-progress.ts';

/** `store stats`: the numbers of events, streams and types. */
export function addStats(group: Command, host: CommandHost): void {
  group
    .command('stats')
    .description('count events, streams and event types')
    .addHelpText('after', '\nExample:\n  $ reachability store stats --json')
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, stores: { events } }) => {
        const stats = await withLogProgress(io, 'Counting', (options) =>
          logStats(events, options),
        ).catch(rethrowStoreError('Cannot count the log'));
        await (io.json ? writeJson(io, asJson(stats)) : writeLine(io, asText(stats)));
      }),
    );
}

function asJson({ firstAt, lastAt, ...stats }: LogStats): object {
  return { ...stats, first_at: firstAt, last_at: lastAt };
}

function asText({ epoch, head, events, streams, types, firstAt, lastAt }: LogStats): string {
  const rows: (readonly [string, string | number])[] = [
    ['Events', events],
    ['First', firstAt ?? 'none'],
    ['Last', lastAt ?? 'none'],
    ['Epoch', epoch],
    ['Head', head ?? 'none'],
    ...Object.entries(streams).map(([name, count]) => [`Streams ${name}-`, count] as const),
    ...Object.entries(types),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}
