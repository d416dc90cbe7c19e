import type { Command } from 'commander';
import { VersionStateError, type ProjectionStatus } from '#projections';
import { positiveInteger } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withStores } from '../stores/with-stores.ts';
import { withEventProgress } from './event-progress.ts';
import { namedProjection } from './named-projection.ts';
import { asFailure } from './rebuild-projection.ts';

/** `projections switch NAME [VERSION]`: back to a version that was kept. */
export function addSwitchVersion(group: Command, host: CommandHost): void {
  group
    .command('switch')
    .description('bring a kept version up to date and make it the live one')
    .argument('<name>', 'users or timeline')
    .argument('[version]', 'which version; the one kept last by default', positiveInteger)
    .addHelpText('after', '\nExample:\n  $ reachability projections switch users 1')
    .action((name: string, wanted: number | undefined, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          const projection = namedProjection(stores, name);
          const version = wanted ?? lastKept(await projection.status(stores.events, new Date()));
          await withEventProgress(io, stores.events, 'Catching up', (options) =>
            projection.switchTo(stores.events, version, options),
          ).catch((error: unknown) => asFailure(asUsage(error)));
          if (io.json) await writeJson(io, { name, live_version: version });
          else await writeLine(io, `Version ${version} of ${name} is live`);
          return undefined;
        }),
      ),
    );
}

/** A version that is not there or not in the right state is a wrong name on the command line. */
export function asUsage(error: unknown): unknown {
  return error instanceof VersionStateError ? usageError(error.message) : error;
}

function lastKept({ name, versions }: ProjectionStatus): number {
  const kept = versions.findLast(({ state }) => state === 'kept');
  if (kept === undefined) throw usageError(`No other version of ${name} is kept`);
  return kept.version;
}
