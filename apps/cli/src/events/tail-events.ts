import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { withStores } from '../stores/with-stores.ts';
import { fits, type EventFilter } from './event-filter.ts';
import { withFilterOptions } from './filter-options.ts';
import { follow } from './follow.ts';
import { assertKnown } from './known-names.ts';
import { showEvent } from './show-event.ts';

/** `events tail`: each event as it comes into the log, until Ctrl-C. */
export function addTailEvents(group: Command, host: CommandHost): void {
  withFilterOptions(group.command('tail'))
    .description('print each event as it comes into the log, until Ctrl-C')
    .addHelpText(
      'after',
      `
Examples:
  $ reachability events tail --type ConnectionOpened --type ConnectionClosed
  $ reachability events tail --json | jq .type`,
    )
    .action((filter: EventFilter, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async ({ events }) => {
          await assertKnown(events, filter);
          const head = await events.head();
          io.note('Following the log; Ctrl-C ends.\n');
          for await (const event of follow(io, events, head)) {
            if (fits(filter, event)) await showEvent(io, event);
          }
          return undefined;
        }),
      ),
    );
}
