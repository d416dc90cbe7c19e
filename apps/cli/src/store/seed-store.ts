import { InvalidArgumentError, type Command } from 'commander';
import {
  DEFAULT_EVENTS_PER_USER,
  DEFAULT_USERS,
  seedStore,
  type SeedSummary,
} from '#history-seeder';
import { positiveInteger } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { Progress } from '../io/progress.ts';
import { rethrowStoreError } from './store-errors.ts';

interface Options {
  readonly users: number;
  readonly events?: number;
  readonly seed: number;
}

/** `store seed`: a generated history for demonstrations, tests and benchmarks. */
export function addSeed(group: Command, host: CommandHost): void {
  group
    .command('seed')
    .description('write a generated, realistic history into an empty store')
    .option('--users <count>', 'number of Users', positiveInteger, DEFAULT_USERS)
    .option(
      '--events <count>',
      `exact number of events; ${DEFAULT_EVENTS_PER_USER} for each User by default`,
      positiveInteger,
    )
    .option('--seed <number>', 'the same number gives the same events, byte by byte', seedNumber, 1)
    .addHelpText(
      'after',
      `
Start an interrupted command again, with the same options, to continue it.
Exits with 1 where the store contains other events.

Example:
  $ reachability store seed --users 500 --events 10000 --seed 7`,
    )
    .action((options: Options, command: Command) =>
      host.run(
        command,
        async ({ io, stores: { events: store } }) => {
          const { users, events = users * DEFAULT_EVENTS_PER_USER, seed } = options;
          const progress = new Progress(io, { label: 'Seeding', unit: 'events', total: events });
          const summary = await seedStore(
            store,
            { users, events, seed },
            { signal: io.signal, onWritten: (written) => progress.update(written) },
          )
            .finally(() => progress.end())
            .catch(rethrowRangeError)
            .catch(rethrowStoreError('Cannot seed'));
          await (io.json ? writeJson(io, summary) : writeLine(io, asText(summary)));
        },
        { create: true },
      ),
    );
}

/** Parses a whole number from 0 on. @throws InvalidArgumentError */
function seedNumber(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('Must be a whole number from 0 on.');
}

function rethrowRangeError(error: unknown): never {
  if (error instanceof RangeError) throw usageError(`Cannot seed: ${error.message}`);
  throw error;
}

function asText({ events, present, written }: SeedSummary): string {
  const existing = present === 0 ? '' : `; ${present} existed already`;
  return `Wrote ${written} of ${events} events${existing}`;
}
