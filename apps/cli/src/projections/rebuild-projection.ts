import type { Command } from 'commander';
import { ProjectionError } from '#projections';
import { dropBuilding } from '#shared/use-cases/projection-jobs/run-job';
import { CliError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { EXIT } from '../exit-codes.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withEventProgress } from './event-progress.ts';
import { namedProjection } from './named-projection.ts';

interface Options {
  readonly restart?: true;
}

/** `projections rebuild NAME`: builds a new version from the log, and then makes it the live one. */
export function addRebuild(group: Command, host: CommandHost): void {
  group
    .command('rebuild')
    .description('build a new version from the log while servers run, then make it the live one')
    .argument('<name>', 'users, timeline or summary')
    .option('--restart', 'start over instead of continuing an interrupted rebuild')
    .addHelpText(
      'after',
      `
The previous version is kept until you drop it; \`switch\` makes it live again. Start an
interrupted rebuild again to continue it. It stops at the first event that cannot be folded.

Example:
  $ reachability projections rebuild users`,
    )
    .action((name: string, { restart }: Options, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        const projection = namedProjection(stores, name);
        if (restart === true) await dropBuilding(projection, stores.events);
        const startedAt = performance.now();
        const rebuilt = await withEventProgress(io, stores.events, 'Rebuilding', (options) =>
          projection.rebuild(stores.events, options),
        ).catch(rethrowProjectionError);
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
      }),
    );
}

/** Throws a ProjectionError with exit code 1, since the stores work, and any other error as it is. */
export function rethrowProjectionError(error: unknown): never {
  if (error instanceof ProjectionError) throw new CliError(EXIT.failed, error.message);
  throw error;
}
