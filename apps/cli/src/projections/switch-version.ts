import type { Command } from 'commander';
import { VersionStateError, type ProjectionStatus } from '#projections';
import { positiveInteger } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withEventProgress } from './event-progress.ts';
import { namedProjection } from './named-projection.ts';
import { rethrowProjectionError } from './rebuild-projection.ts';

/** `projections switch NAME [VERSION]`: makes a kept version the live one. */
export function addSwitchVersion(group: Command, host: CommandHost): void {
  group
    .command('switch')
    .description('bring a kept version up to date, then make it the live one')
    .argument('<name>', 'users, timeline or summary')
    .argument(
      '[version]',
      'the number of the version; the latest kept one by default',
      positiveInteger,
    )
    .addHelpText('after', '\nExample:\n  $ reachability projections switch users 1')
    .action((name: string, wanted: number | undefined, _options: object, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        const projection = namedProjection(stores, name);
        const version =
          wanted ?? latestKeptVersion(await projection.status(stores.events, new Date()));
        await withEventProgress(io, stores.events, 'Catching up', (options) =>
          projection.switchTo(stores.events, version, options),
        ).catch((error: unknown) => rethrowProjectionError(rethrowVersionError(error)));
        if (io.json) await writeJson(io, { name, live_version: version });
        else await writeLine(io, `Version ${version} of ${name} is live`);
      }),
    );
}

/** A version that is not there or not in the right state is a wrong name on the command line. */
export function rethrowVersionError(error: unknown): unknown {
  return error instanceof VersionStateError ? usageError(error.message) : error;
}

function latestKeptVersion({ name, versions }: ProjectionStatus): number {
  const kept = versions.findLast(({ state }) => state === 'kept');
  if (kept === undefined) throw usageError(`There is no kept version of ${name}`);
  return kept.version;
}
