import type { Command } from 'commander';
import { ProjectionError } from '#projections';
import { CliError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withStores } from '../stores/with-stores.ts';
import { withEventProgress } from './event-progress.ts';
import { namedProjection } from './named-projection.ts';

interface Options {
  readonly restart?: true;
}

/** `projections rebuild NAME`: beside the live version, and then in its place. */
export function addRebuild(group: Command, host: CommandHost): void {
  group
    .command('rebuild')
    .description('rebuild beside the live version, while servers go on, and then switch to it')
    .argument('<name>', 'users or timeline')
    .option('--restart', 'begin anew instead of going on with an interrupted rebuild')
    .addHelpText(
      'after',
      `
The version that was live is kept until it is dropped; \`switch\` goes back to it. An interrupted
rebuild goes on where it was. It stops at the first event that cannot be folded.

Example:
  $ reachability projections rebuild users`,
    )
    .action((name: string, { restart }: Options, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const projection = namedProjection(stores, name);
          if (restart === true) await dropBuilding();
          const startedAt = performance.now();
          const rebuilt = await withEventProgress(io, stores.events, 'Rebuilding', (options) =>
            projection.rebuild(stores.events, options),
          ).catch(asFailure);
          const seconds = (performance.now() - startedAt) / 1_000;
          if (io.json) {
            await writeJson(io, {
              name,
              version: rebuilt.version,
              events: rebuilt.events,
              seconds,
            });
          } else {
            await writeLine(
              io,
              `Rebuilt ${name} from ${rebuilt.events} events in ${seconds.toFixed(1)} s; version ${rebuilt.version} is live`,
            );
          }
          return undefined;

          async function dropBuilding(): Promise<void> {
            const { versions } = await projection.status(stores.events, new Date());
            const building = versions.find(({ state }) => state === 'building');
            if (building !== undefined) await projection.drop(building.version);
          }
        }),
      ),
    );
}

/** A bad event is an answer, not a failure of the stores. */
export function asFailure(error: unknown): never {
  if (error instanceof ProjectionError) throw new CliError(EXIT.no, error.message);
  throw error;
}
