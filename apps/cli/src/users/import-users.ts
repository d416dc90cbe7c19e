import type { Command } from 'commander';
import type { EventStore } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { importUser, type ImportOutcome } from '#shared/use-cases/import-user';
import { serviceSid } from '../arguments/parsers.ts';
import { CliError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { asFileFailure } from '../io/file-failures.ts';
import { Progress } from '../io/progress.ts';
import { existingService } from '../services/show-service.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { withStores } from '../stores/with-stores.ts';
import type { ImportedUser } from './import/imported-user.ts';
import { UnusableLineError } from './import/unusable-line-error.ts';
import { readUserFile } from './import/user-file.ts';

/** Users written at the same time: the event store commits what comes together in one go. */
const AT_ONCE = 64;

/** `users import FILE`: makes the Users that a file describes, or brings them up to date. */
export function addImportUsers(group: Command, host: CommandHost): void {
  group
    .command('import')
    .description('make the Users that a file describes, or bring them up to date')
    .argument('<file>', 'NDJSON, or CSV with a line of titles where its name ends in .csv')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      `
Each User has an identity, and may have friendly_name and attributes (JSON as text); the
names of Twilio's helper (friendlyName) do as well, and whatever else stands there is ignored.
What is left out stays as it is. The file is read and checked to its end before anything is
written; importing it again changes nothing. No webhook is called.

Example:
  $ reachability users import users.ndjson --service IS0123456789abcdef0123456789abcdef`,
    )
    .action((file: string, { service }: { readonly service: string }, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          await catchUp(io, stores);
          await existingService(stores, service);
          const users = await check(io, file).catch(asImportFailure(file));
          const counts = await write(io, stores.events, service, file, users);
          await catchUp(io, stores);
          await (io.json
            ? writeJson(io, { users, ...counts })
            : writeLine(
                io,
                `Imported ${users} Users into ${service}: ${counts.created} created, ` +
                  `${counts.updated} updated, ${counts.unchanged} unchanged`,
              ));
          return undefined;
        }),
      ),
    );
}

/** Reads a file to its end; answers how many Users it describes. */
async function check(io: CommandIo, file: string): Promise<number> {
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

async function write(
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
      if (batch.length < AT_ONCE) continue;
      await flush(batch);
      batch = [];
    }
    await flush(batch);
  } finally {
    progress.end();
  }
  return counts;
}

function asImportFailure(file: string): (error: unknown) => never {
  return (error) => {
    const doing = `Cannot import ${file}`;
    if (error instanceof UnusableLineError) {
      throw new CliError(EXIT.no, `${doing}: ${error.message}. Nothing was written.`);
    }
    if (error instanceof TypeError && 'code' in error && error.code === INVALID_UTF8) {
      throw new CliError(EXIT.no, `${doing}: it is no UTF-8. Nothing was written.`);
    }
    return asFileFailure(doing)(error);
  };
}

const INVALID_UTF8 = 'ERR_ENCODING_INVALID_ENCODED_DATA';
