import type { Command } from 'commander';
import { exportFile } from '#event-store';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { rethrowStoreError } from './store-errors.ts';
import { withLogProgress } from '../io/log-progress.ts';

/** `store export FILE`: the whole log as a file that any store can import. */
export function addExport(group: Command, host: CommandHost): void {
  group
    .command('export')
    .description('write the whole log to a file that any store can import')
    .argument('<file>', 'is replaced once the export is complete')
    .addHelpText(
      'after',
      `
The file has one line of JSON for each event, and a last line with their number and a hash:
store import rejects a file that was truncated or changed.

Example:
  $ reachability store export log.ndjson`,
    )
    .action((file: string, _options: object, command: Command) =>
      host.read(command, async ({ io, stores }) => {
        const { events, sha256 } = await withLogProgress(io, 'Exporting', (options) =>
          exportFile(stores.events, file, options),
        ).catch(rethrowStoreError(`Cannot write ${file}`));
        if (io.json) await writeJson(io, { file, events, sha256 });
        else await writeLine(io, `Exported ${events} events to ${file}\nSHA-256 ${sha256}`);
      }),
    );
}
