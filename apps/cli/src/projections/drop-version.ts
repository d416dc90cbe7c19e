import type { Command } from 'commander';
import { positiveInteger } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { withStores } from '../stores/with-stores.ts';
import { namedProjection } from './named-projection.ts';
import { asUsage } from './switch-version.ts';

/** `projections drop NAME VERSION`: removes a version that is not live. */
export function addDropVersion(group: Command, host: CommandHost): void {
  group
    .command('drop')
    .description('remove a version that is not live, and free its space')
    .argument('<name>', 'users or timeline')
    .argument('<version>', 'which version', positiveInteger)
    .addHelpText('after', '\nExample:\n  $ reachability projections drop users 1')
    .action((name: string, version: number, _options: object, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          await namedProjection(stores, name)
            .drop(version)
            .catch((error: unknown) => {
              throw asUsage(error);
            });
          if (io.json) await writeJson(io, { name, dropped_version: version });
          else await writeLine(io, `Version ${version} of ${name} is gone`);
          return undefined;
        }),
      ),
    );
}
