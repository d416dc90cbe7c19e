import type { Command } from 'commander';
import { logBound, positiveInteger, type LogBound } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import {
  assertFilterExists,
  matchesFilter,
  withFilterOptions,
  type EventFilter,
} from './event-filter.ts';
import { readEvents } from './log-window.ts';
import { printEvent } from './print-event.ts';

interface ReplayOptions extends EventFilter {
  readonly from?: LogBound;
  readonly to?: LogBound;
  readonly limit?: number;
}

/** `events replay`: the events of the log, oldest first. */
export function addReplayEvents(group: Command, host: CommandHost): void {
  withFilterOptions(group.command('replay'))
    .description('print the events of the log, oldest first')
    .option('--from <bound>', 'first time or position, inclusive', logBound)
    .option('--to <bound>', 'last time or position, inclusive', logBound)
    .option('--limit <n>', 'maximum number of events to print', positiveInteger)
    .addHelpText(
      'after',
      `
A time means the effective time of an event: the latest time of all events up to it. An event whose writer's clock
was too far ahead counts as of the time at which the store recorded it.

Examples:
  $ reachability events replay --from 2026-11-22T14:00:00Z --to 2026-11-22T14:05:00Z
  $ reachability events replay --stream user-US0123456789abcdef0123456789abcdef --json`,
    )
    .action((options: ReplayOptions, command: Command) =>
      host.read(command, async ({ io, stores: { events } }) => {
        await assertFilterExists(events, options);
        let left = options.limit ?? Infinity;
        for await (const event of readEvents(io, events, options)) {
          if (!matchesFilter(options, event)) continue;
          await printEvent(io, event);
          left -= 1;
          if (left === 0) break;
        }
      }),
    );
}
