import { Option, type Command } from 'commander';
import { WATCH_POLICIES, type ServiceSettingsPatch } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateService } from '#shared/use-cases/services';
import { graceSeconds, serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { printReachability } from './print-reachability.ts';
import { existingService } from './print-service.ts';

type UpdateOptions = Pick<ServiceSettingsPatch, 'graceSeconds' | 'watchPolicy'>;

/** `services update IS`: changes the reachability settings of a Service. */
export function addUpdateService(group: Command, host: CommandHost): void {
  group
    .command('update')
    .description('change the reachability settings of a Service')
    .argument('<service>', 'sid of the Service', serviceSid)
    .option('--grace-seconds <seconds>', 'grace period, 0 to 60', graceSeconds)
    .addOption(
      new Option(
        '--watch-policy <policy>',
        'whom clients may watch: all Users, or those that their access token grants',
      ).choices(WATCH_POLICIES),
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability services update IS0123456789abcdef0123456789abcdef --watch-policy granted',
    )
    .action((sid: string, changes: UpdateOptions, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        if (Object.keys(changes).length === 0) {
          throw usageError('Name a setting to change, such as --watch-policy granted');
        }
        await catchUp(io, stores);
        await existingService(stores, sid);
        const aggregates = new Aggregates(stores.events, () => new Date());
        await updateService(aggregates, { serviceSid: sid, changes, context: cliContext() });
        await catchUp(io, stores);
        await printReachability(io, settings, await existingService(stores, sid));
      }),
    );
}
