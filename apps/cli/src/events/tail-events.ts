import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import {
  assertFilterExists,
  matchesFilter,
  withFilterOptions,
  type EventFilter,
} from './event-filter.ts';
import { followLog } from './follow-log.ts';
import { printEvent } from './print-event.ts';

/** `events tail`: each event as it is appended, until Ctrl-C. */
export function addTailEvents(group: Command, host: CommandHost): void {
  withFilterOptions(group.command('tail'))
    .description('print each event as it is appended, until Ctrl-C')
    .addHelpText(
      'after',
      `
Examples:
  $ reachability events tail --type ConnectionOpened --type ConnectionClosed
  $ reachability events tail --json | jq .type`,
    )
    .action((filter: EventFilter, command: Command) =>
      host.read(command, async ({ io, stores: { events } }) => {
        await assertFilterExists(events, filter);
        const head = await events.head();
        io.note('Following the log. Press Ctrl-C to stop.\n');
        for await (const event of followLog(io, events, head)) {
          if (matchesFilter(filter, event)) await printEvent(io, event);
        }
      }),
    );
}
