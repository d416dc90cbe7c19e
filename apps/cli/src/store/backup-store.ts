import type { Command } from 'commander';
import { backUpLog } from '#shared/composition/log-backup';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { assertEventStoreExists } from '../stores/with-stores.ts';
import { rethrowBackupError, withCopyProgress } from './copy-progress.ts';

/** `store backup DIR`: a consistent copy of the embedded log, while servers run. */
export function addBackup(group: Command, host: CommandHost): void {
  group
    .command('backup')
    .description('copy the embedded log into a directory, while servers run')
    .argument('<directory>', 'a new or empty directory')
    .addHelpText(
      'after',
      `
The copy is the log at one moment. It contains neither credentials.json nor deliveries of
webhooks. EventStoreDB has backups of its own.

Example:
  $ reachability store backup /backups/2026-11-29`,
    )
    .action((directory: string, _options: object, command: Command) =>
      host.runWithoutStores(command, async ({ io, settings }) => {
        if (settings.EVENT_STORE !== 'sqlite') {
          throw usageError(
            'The log is in EventStoreDB: back it up with the tools of EventStoreDB, or write it to a file with reachability store export',
          );
        }
        assertEventStoreExists(settings);
        const manifest = await withCopyProgress(io, 'Copying', 'pages', (options) =>
          backUpLog(settings.DATA_DIR, directory, options),
        ).catch(rethrowBackupError(`Cannot back up to ${directory}`));
        const { events, position, epoch } = manifest;
        const line = `Copied ${events} events to ${directory}: up to position ${position ?? 'none'} of epoch ${epoch}`;
        await (io.json ? writeJson(io, { directory, ...manifest }) : writeLine(io, line));
        return EXIT.ok;
      }),
    );
}
