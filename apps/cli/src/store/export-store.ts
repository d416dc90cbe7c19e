import type { Command } from 'commander';
import { exportFile } from '#event-store';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withStores } from '../stores/with-stores.ts';
import { asStoreFailure } from './failures.ts';
import { withLogProgress } from '../io/log-progress.ts';

/** `store export FILE`: the whole log as a file that every store can import. */
export function addExport(group: Command, host: CommandHost): void {
  group
    .command('export')
    .description('write the whole log to a file that any store can import')
    .argument('<file>', 'replaced once the new one is whole')
    .addHelpText(
      'after',
      `
One line of JSON for each event, and a last one with their number and hash: a file that was cut
or altered is refused by store import.

Example:
  $ reachability store export log.ndjson`,
    )
    .action((file: string, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const { events, sha256 } = await withLogProgress(io, 'Exporting', (options) =>
            exportFile(stores.events, file, options),
          ).catch(asStoreFailure(`Cannot write ${file}`));
          if (io.json) await writeJson(io, { file, events, sha256 });
          else await writeLine(io, `Exported ${events} events to ${file}\nSHA-256 ${sha256}`);
          return undefined;
        }),
      ),
    );
}
