import type { Command } from 'commander';
import { openEventStore } from '#shared/composition/event-stores';
import { forgetLogOwner } from '#shared/use-cases/forget-log-owner';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { assertEventStoreExists } from '../stores/with-stores.ts';

/** `nodes forget [FOLDER]`: lets this data directory use an event store that another one has. */
export function addForgetFolder(group: Command, host: CommandHost): void {
  group
    .command('forget')
    .description(
      'take the event store from the data directory that uses it, alive or dead; its processes stop',
    )
    .argument('[folder]', 'id of that data directory, as in the message that refused a start')
    .addHelpText('after', '\nExample:\n  $ reachability nodes forget 0123456789abcdef')
    .action((id: string | undefined, _options: object, command: Command) =>
      host.runWithoutStores(command, async ({ io, settings }) => {
        assertEventStoreExists(settings);
        const events = await openEventStore(settings);
        try {
          if (events.owner === undefined) {
            throw usageError('The embedded event store belongs to its data directory alone');
          }
          const { id: folder, description } = await forgetLogOwner(events.owner, id ?? null);
          if (io.json) await writeJson(io, { folder, description });
          else await writeLine(io, `Forgot ${description}. Its processes stop, if any still run`);
          return EXIT.ok;
        } finally {
          await events.close();
        }
      }),
    );
}
