import { InvalidArgumentError, type Command } from 'commander';
import { LONGEST_FRIENDLY_NAME } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService } from '#shared/use-cases/services';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { printable } from '../io/words.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { withStores } from '../stores/with-stores.ts';
import { existingService, showService } from './show-service.ts';

/** `services create NAME`: a Service, with reachability disabled as on every fresh one. */
export function addCreateService(group: Command, host: CommandHost): void {
  group
    .command('create')
    .description('make a Service; reachability is disabled on a fresh one')
    .argument('<name>', 'its friendly name', friendlyName)
    .option('--sid <sid>', 'its sid, where it had one elsewhere; by default a new one', serviceSid)
    .addHelpText('after', '\nExample:\n  $ reachability services create "Support desk"')
    .action((name: string, options: { readonly sid?: string }, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(
          settings,
          async (stores) => {
            const { serviceSid: sid } = await createService(
              new Aggregates(stores.events, () => new Date()),
              { friendlyName: name, serviceSid: options.sid, context: cliContext() },
            );
            await catchUp(io, stores);
            const service = await existingService(stores, sid);
            await showService(io, settings, service, `Created ${sid} (${printable(name)})`);
            return undefined;
          },
          { create: true },
        ),
      ),
    );
}

function friendlyName(value: string): string {
  if (value.trim() !== '' && value.length <= LONGEST_FRIENDLY_NAME) return value;
  throw new InvalidArgumentError(`It must be 1 to ${LONGEST_FRIENDLY_NAME} characters.`);
}
