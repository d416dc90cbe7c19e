import type { Command } from 'commander';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';

/** `projections prune`: removes what other versions of the program have left in PostgreSQL. */
export function addPrune(group: Command, host: CommandHost): void {
  group
    .command('prune')
    .description('delete the tables of other versions of the program, none of which may run')
    .addHelpText('after', '\nExample:\n  $ reachability projections prune')
    .action((_options: object, command: Command) =>
      host.run(command, async ({ io, stores }) => {
        const removed = await stores.readModel.removeOthers();
        if (io.json) await writeJson(io, { removed });
        else if (removed.length === 0) await writeLine(io, 'There are no such tables');
        else await writeLine(io, `Deleted: ${removed.join(', ')}`);
      }),
    );
}
