import type { Command } from 'commander';
import { restoreLog } from '#shared/composition/log-backup';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { rethrowBackupError, withCopyProgress } from './copy-progress.ts';

/** `store restore DIR`: a backup becomes the log of an empty data directory, with a new epoch. */
export function addRestore(group: Command, host: CommandHost): void {
  group
    .command('restore')
    .description('copy a backup into an empty data directory')
    .argument('<directory>', 'a directory that store backup has written')
    .addHelpText(
      'after',
      `
The log gets a new epoch, so that clients do not mistake versions of before for later ones.
The next start of a server rebuilds the read model. Exits with 1 where the backup is damaged.

Example:
  $ reachability store restore /backups/2026-11-29 --data-dir ./restored`,
    )
    .action((directory: string, _options: object, command: Command) =>
      host.runWithoutStores(command, async ({ io, settings: { EVENT_STORE, DATA_DIR } }) => {
        if (EVENT_STORE !== 'sqlite') {
          throw usageError(
            'The log is in EventStoreDB: restore it with the tools of EventStoreDB, or read a file with reachability store import',
          );
        }
        const { manifest, epoch } = await withCopyProgress(io, 'Copying', 'bytes', (options) =>
          restoreLog(directory, DATA_DIR, options),
        ).catch(rethrowBackupError(`Cannot restore ${directory}`));
        const { events, position } = manifest;
        const result = { events, position, epoch, previous_epoch: manifest.epoch };
        const line = `Restored ${events} events of ${manifest.created_at} to ${DATA_DIR}. The new epoch is ${epoch}`;
        await (io.json ? writeJson(io, result) : writeLine(io, line));
        return EXIT.ok;
      }),
    );
}
