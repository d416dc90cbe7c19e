import type { Command } from 'commander';
import { logBound, positiveInteger, type LogBound } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { withStores } from '../stores/with-stores.ts';
import { fits, type EventFilter } from './event-filter.ts';
import { withFilterOptions } from './filter-options.ts';
import { assertKnown } from './known-names.ts';
import { readEvents } from './log-window.ts';
import { showEvent } from './show-event.ts';

interface ReplayOptions extends EventFilter {
  readonly from?: LogBound;
  readonly to?: LogBound;
  readonly limit?: number;
}

/** `events replay`: what the log holds, in order. */
export function addReplayEvents(group: Command, host: CommandHost): void {
  withFilterOptions(group.command('replay'))
    .description('print events that the log holds, oldest first')
    .option('--from <bound>', 'from this time or position on, included', logBound)
    .option('--to <bound>', 'up to this time or position, included', logBound)
    .option('--limit <n>', 'print at most as many events', positiveInteger)
    .addHelpText(
      'after',
      `
A time is the effective time of an event: the highest time of any event so far.

Examples:
  $ reachability events replay --from 2026-11-22T14:00:00Z --to 2026-11-22T14:05:00Z
  $ reachability events replay --stream user-US0123456789abcdef0123456789abcdef --json`,
    )
    .action((options: ReplayOptions, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async ({ events }) => {
          await assertKnown(events, options);
          let left = options.limit ?? Infinity;
          for await (const event of readEvents(io, events, options)) {
            if (!fits(options, event)) continue;
            await showEvent(io, event);
            left -= 1;
            if (left === 0) break;
          }
          return undefined;
        }),
      ),
    );
}
