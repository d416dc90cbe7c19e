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
import { withStores } from '../stores/with-stores.ts';
import { asStoreFailure } from './failures.ts';

interface Options {
  readonly users: number;
  readonly events?: number;
  readonly seed: number;
}

/** `store seed`: a past to look at, to test with and to measure with. */
export function addSeed(group: Command, host: CommandHost): void {
  group
    .command('seed')
    .description('write a made-up but realistic past into an empty store')
    .option('--users <count>', 'who come and go', positiveInteger, DEFAULT_USERS)
    .option(
      '--events <count>',
      `exactly so many; ${DEFAULT_EVENTS_PER_USER} for each User by default`,
      positiveInteger,
    )
    .option('--seed <number>', 'the same number gives the same bytes', seedNumber, 1)
    .addHelpText(
      'after',
      `
A seeding that was interrupted goes on when it is started again with the same options.
Exits with 1 where the store holds anything else.

Example:
  $ reachability store seed --users 500 --events 10000 --seed 7`,
    )
    .action((options: Options, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(
          settings,
          async ({ events: store }) => {
            const { users, events = users * DEFAULT_EVENTS_PER_USER, seed } = options;
            const progress = new Progress(io, { label: 'Seeding', unit: 'events', total: events });
            const summary = await seedStore(
              store,
              { users, events, seed },
              { signal: io.signal, onWritten: (written) => progress.update(written) },
            )
              .finally(() => progress.end())
              .catch(asUsage)
              .catch(asStoreFailure('Cannot seed'));
            await (io.json ? writeJson(io, summary) : writeLine(io, asText(summary)));
            return undefined;
          },
          { create: true },
        ),
      ),
    );
}

/** A whole number from 0 on. @throws InvalidArgumentError */
function seedNumber(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number from 0 on.');
}

function asUsage(error: unknown): never {
  if (error instanceof RangeError) throw usageError(`Cannot seed: ${error.message}`);
  throw error;
}

function asText({ events, present, written }: SeedSummary): string {
  const there = present === 0 ? '' : `; ${present} were there already`;
  return `Wrote ${written} of ${events} events${there}`;
}
