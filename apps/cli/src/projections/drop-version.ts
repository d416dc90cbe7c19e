import type { Command } from 'commander';
import { positiveInteger } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { namedProjection } from './named-projection.ts';
import { rethrowVersionError } from './switch-version.ts';

/** `projections drop NAME VERSION`: deletes a version that is not live. */
export function addDropVersion(group: Command, host: CommandHost): void {
  group
    .command('drop')
    .description('delete a version that is not live')
    .argument('<name>', 'users, timeline or summary')
    .argument('<version>', 'the number of the version', positiveInteger)
    .addHelpText('after', '\nExample:\n  $ reachability projections drop users 1')
    .action((name: string, version: number, _options: object, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        await namedProjection(stores, name)
          .drop(version)
          .catch((error: unknown) => {
            throw rethrowVersionError(error);
          });
        if (io.json) await writeJson(io, { name, dropped_version: version });
        else await writeLine(io, `Version ${version} of ${name} was deleted`);
      }),
    );
}
