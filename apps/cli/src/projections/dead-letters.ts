import { InvalidArgumentError, type Command } from 'commander';
import { formatEventRef, type EventRef, type DeadLetter, type RetryResult } from '#projections';
import { deadLetterJson } from '#twilio-wire/dead-letter-json';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { table } from '../io/text.ts';
import { namedProjection } from './named-projection.ts';

/** `projections dead-letters [list|retry|skip]`. */
export function addDeadLetters(group: Command, host: CommandHost): void {
  const letters = group
    .command('dead-letters')
    .description('events that could not be folded, and the events that wait for them');
  addList(letters, host);
  addRetry(letters, host);
  addSkip(letters, host);
}

function addList(letters: Command, host: CommandHost): void {
  letters
    .command('list', { isDefault: true })
    .description('list dead letters in log order (default)')
    .argument('[name]', 'users, timeline or summary; all by default')
    .action((name: string | undefined, _options: object, command: Command) =>
      host.read(command, async ({ io, stores }) => {
        const wanted =
          name === undefined ? stores.readModel.projections : [namedProjection(stores, name)];
        const found = await Promise.all(
          wanted.map(async (projection) =>
            (await projection.deadLetters()).map((event) => ({
              projection: projection.name,
              ...event,
            })),
          ),
        );
        if (io.json)
          await writeJson(io, {
            dead_letters: found.flat().map((event) => deadLetterJson(event.projection, event)),
          });
        else await writeLine(io, asText(found.flat()));
      }),
    );
}

function addRetry(letters: Command, host: CommandHost): void {
  letters
    .command('retry')
    .description('fold dead letters again, in log order; the rows become those of a rebuild')
    .argument('<name>', 'users, timeline or summary')
    .action((name: string, _options: object, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        const released = await namedProjection(stores, name).retry(stores.events);
        return showRetryResult(io, name, released);
      }),
    );
}

function addSkip(letters: Command, host: CommandHost): void {
  letters
    .command('skip')
    .description(
      'skip one event permanently, also in rebuilds, and fold the events that wait for it',
    )
    .argument('<name>', 'users, timeline or summary')
    .argument('<event>', 'stream@revision, as the list shows it', eventPlace)
    .action((name: string, place: EventRef, _options: object, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        const projection = namedProjection(stores, name);
        const letter = await projection.deadLetter(place);
        if (letter === null || letter.error === null) {
          throw usageError(`${formatEventRef(place)} is not a dead letter of ${name}`);
        }
        return showRetryResult(io, name, await projection.skip(stores.events, place));
      }),
    );
}

async function showRetryResult(
  io: CommandIo,
  name: string,
  { folded, remaining }: RetryResult,
): Promise<ExitCode> {
  // Scripts read the name `held_events`: the events that are still dead letters.
  if (io.json) await writeJson(io, { name, folded, held_events: remaining });
  else await writeLine(io, `${name}: ${folded} events folded, ${remaining} left`);
  return remaining === 0 ? EXIT.ok : EXIT.failed;
}

function eventPlace(value: string): EventRef {
  const [, stream, revision] = /^(.+)@(\d+)$/.exec(value) ?? [];
  if (stream === undefined || revision === undefined) {
    throw new InvalidArgumentError('Must be stream@revision, such as user-US0123...@7.');
  }
  return { stream, revision: Number(revision) };
}

type ListedLetter = DeadLetter & { readonly projection: string };

function asText(letters: readonly ListedLetter[]): string {
  if (letters.length === 0) return 'No dead letters';
  return table(
    ['PROJECTION', 'EVENT', 'TYPE', 'ERROR'],
    letters.map((event) => [
      event.projection,
      formatEventRef(event),
      event.type,
      event.error ?? 'waits for an earlier event',
    ]),
  );
}
