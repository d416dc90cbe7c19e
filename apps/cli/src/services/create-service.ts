import type { Command } from 'commander';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService } from '#shared/use-cases/services';
import { friendlyName, serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { existingService, printService } from './print-service.ts';

/** `services create NAME`: a new Service, with reachability disabled. */
export function addCreateService(group: Command, host: CommandHost): void {
  group
    .command('create')
    .description('create a Service; reachability is disabled at first')
    .argument('<name>', 'its friendly name', friendlyName)
    .option(
      '--sid <sid>',
      'an existing sid, such as one from Twilio; a new one by default',
      serviceSid,
    )
    .addHelpText('after', '\nExample:\n  $ reachability services create "Support desk"')
    .action((name: string, options: { readonly sid?: string }, command: Command) =>
      host.run(
        command,
        async ({ io, settings, stores }) => {
          const { serviceSid: sid } = await createService(
            new Aggregates(stores.events, () => new Date()),
            { friendlyName: name, serviceSid: options.sid, context: cliContext() },
          );
          await catchUp(io, stores);
          const service = await existingService(stores, sid);
          await printService(io, settings, service, `Created ${sid} (${printable(name)})`);
        },
        { create: true },
      ),
    );
}
