import type { Command } from 'commander';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { catchUp } from '../stores/catch-up.ts';
import { printReachability } from './print-reachability.ts';
import { existingService } from './print-service.ts';

/** `services show IS`: the reachability settings of a Service. */
export function addShowService(group: Command, host: CommandHost): void {
  group
    .command('show')
    .description('show the reachability settings of a Service')
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability services show IS0123456789abcdef0123456789abcdef',
    )
    .action((sid: string, _options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        await printReachability(io, settings, await existingService(stores, sid));
      }),
    );
}
