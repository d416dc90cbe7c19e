import type { Command } from 'commander';
import type { EventStore } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { importUser, type ImportOutcome } from '#shared/use-cases/import-user';
import { serviceSid } from '../arguments/parsers.ts';
import { CliError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { rethrowFileError } from '../io/file-errors.ts';
import { Progress } from '../io/progress.ts';
import { existingService } from '../services/print-service.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import type { ImportedUser } from './import/imported-user.ts';
import { InvalidLineError } from './import/invalid-line.ts';
import { readUserFile } from './import/user-file.ts';

/** Users written concurrently: the event store commits concurrent appends together. */
const BATCH_SIZE = 64;
const INVALID_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';

/** `users import FILE`: creates or updates the Users of a file. */
export function addImportUsers(group: Command, host: CommandHost): void {
  group
    .command('import')
    .description('create or update the Users of a file')
    .argument('<file>', 'NDJSON, or CSV with a header where the name ends in .csv')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      `
Each User has an identity, and may have friendly_name and attributes (JSON as text). The
names of Twilio's helper libraries (friendlyName) are accepted, too; other fields are ignored.
CSV may use commas, semicolons or tabs, and titles in any case.
Properties that the file leaves out do not change. The whole file is checked before anything
is written. Importing it again changes nothing. No webhook is called.

Example:
  $ reachability users import users.ndjson --service IS0123456789abcdef0123456789abcdef`,
    )
    .action((file: string, { service }: { readonly service: string }, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        await catchUp(io, stores);
        await existingService(stores, service);
        const users = await countUsers(io, file).catch(rethrowImportError(file));
        const counts = await importAll(io, stores.events, service, file, users);
        await catchUp(io, stores);
        await (io.json
          ? writeJson(io, { users, ...counts })
          : writeLine(
              io,
              `Imported ${users} Users into ${service}: ${counts.created} created, ` +
                `${counts.updated} updated, ${counts.unchanged} unchanged`,
            ));
      }),
    );
}

/** Reads a file to its end; returns the number of Users in it. */
async function countUsers(io: CommandIo, file: string): Promise<number> {
  const progress = new Progress(io, { label: 'Checking', unit: 'Users', total: null });
  let users = 0;
  try {
    for await (const _ of readUserFile(file)) {
      io.signal.throwIfAborted();
      users += 1;
      progress.update(users);
    }
  } finally {
    progress.end();
  }
  return users;
}

async function importAll(
  io: CommandIo,
  events: EventStore,
  service: string,
  file: string,
  total: number,
): Promise<Record<ImportOutcome, number>> {
  const aggregates = new Aggregates(events, () => new Date());
  const counts = { created: 0, updated: 0, unchanged: 0 };
  const progress = new Progress(io, { label: 'Importing', unit: 'Users', total });
  const flush = async (batch: readonly ImportedUser[]): Promise<void> => {
    io.signal.throwIfAborted();
    const outcomes = await Promise.all(
      batch.map((user) =>
        importUser(aggregates, { serviceSid: service, ...user, context: cliContext() }),
      ),
    );
    for (const outcome of outcomes) counts[outcome] += 1;
    progress.update(counts.created + counts.updated + counts.unchanged);
  };
  try {
    let batch: ImportedUser[] = [];
    for await (const user of readUserFile(file)) {
      batch.push(user);
      if (batch.length < BATCH_SIZE) continue;
      await flush(batch);
      batch = [];
    }
    await flush(batch);
  } finally {
    progress.end();
  }
  return counts;
}

function rethrowImportError(file: string): (error: unknown) => never {
  return (error) => {
    const failure = `Cannot import ${file}`;
    if (error instanceof InvalidLineError) {
      throw new CliError(EXIT.failed, `${failure}: ${error.message}. Nothing was written.`);
    }
    if (error instanceof TypeError && 'code' in error && error.code === INVALID_UTF8) {
      throw new CliError(EXIT.failed, `${failure}: Invalid UTF-8. Nothing was written.`);
    }
    return rethrowFileError(failure)(error);
  };
}
