import { InvalidArgumentError, type Command } from 'commander';
import { formatEventRef, type EventRef, type DeadLetter, type RetryResult } from '#projections';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine, type CommandIo } from '../io/command-io.ts';
import { table } from '../io/table.ts';
import { withStores } from '../stores/with-stores.ts';
import { namedProjection } from './named-projection.ts';

/** `projections dead-letters [list|retry|skip]`. */
export function addDeadLetters(group: Command, host: CommandHost): void {
  const letters = group
    .command('dead-letters')
    .description('events that could not be folded, and what waits behind them');
  addList(letters, host);
  addRetry(letters, host);
  addSkip(letters, host);
}

function addList(letters: Command, host: CommandHost): void {
  letters
    .command('list', { isDefault: true })
    .description('list them, in log order (the default)')
    .argument('[name]', 'users or timeline; all by default')
    .action((name: string | undefined, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const wanted =
            name === undefined ? stores.readModel.projections : [namedProjection(stores, name)];
          const held = await Promise.all(
            wanted.map(async (projection) =>
              (await projection.deadLetters()).map((event) => ({
                projection: projection.name,
                ...event,
              })),
            ),
          );
          if (io.json) await writeJson(io, { dead_letters: held.flat().map(asJson) });
          else await writeLine(io, asText(held.flat()));
          return undefined;
        }),
      ),
    );
}

function addRetry(letters: Command, host: CommandHost): void {
  letters
    .command('retry')
    .description('fold them again, in log order: the rows end up as a rebuild would have them')
    .argument('<name>', 'users or timeline')
    .action((name: string, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const released = await namedProjection(stores, name).retry(stores.events);
          return showReleased(io, name, released);
        }),
      ),
    );
}

function addSkip(letters: Command, host: CommandHost): void {
  letters
    .command('skip')
    .description('pass over one event for good, in rebuilds too, and fold what waited behind it')
    .argument('<name>', 'users or timeline')
    .argument('<event>', 'stream@revision, as the list shows it', eventPlace)
    .action((name: string, place: EventRef, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const projection = namedProjection(stores, name);
          const held = await projection.deadLetters();
          if (!held.some((event) => isAt(event, place) && event.error !== null)) {
            throw usageError(`${formatEventRef(place)} is no dead letter of ${name}`);
          }
          return showReleased(io, name, await projection.skip(stores.events, place));
        }),
      ),
    );
}

async function showReleased(
  io: CommandIo,
  name: string,
  { folded, remaining: held }: RetryResult,
): Promise<typeof EXIT.no | undefined> {
  if (io.json) await writeJson(io, { name, folded, held_events: held });
  else await writeLine(io, `${name}: ${folded} events folded, ${held} still set aside`);
  return held === 0 ? undefined : EXIT.no;
}

function isAt(event: DeadLetter, place: EventRef): boolean {
  return event.stream === place.stream && event.revision === place.revision;
}

function eventPlace(value: string): EventRef {
  const [, stream, revision] = /^(.+)@(\d+)$/.exec(value) ?? [];
  if (stream === undefined || revision === undefined) {
    throw new InvalidArgumentError('It must be stream@revision, such as user-US0123...@7.');
  }
  return { stream, revision: Number(revision) };
}

type Listed = DeadLetter & { readonly projection: string };

function asJson({ projection, stream, revision, position, type, error }: Listed): object {
  return { projection, stream, revision, position, type, error, waits: error === null };
}

function asText(held: readonly Listed[]): string {
  if (held.length === 0) return 'No dead letters';
  return table(
    ['PROJECTION', 'EVENT', 'TYPE', 'WHY'],
    held.map((event) => [
      event.projection,
      formatEventRef(event),
      event.type,
      event.error ?? 'waits behind the one before',
    ]),
  );
}
