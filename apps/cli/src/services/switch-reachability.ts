import type { Command } from 'commander';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateService } from '#shared/use-cases/services';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext } from '../stores/cli-context.ts';
import { existingService, printService } from './print-service.ts';

/** `services enable IS` and `services disable IS`. */
export function addSwitchReachability(group: Command, host: CommandHost): void {
  addSwitch(group, host, {
    name: 'enable',
    enabled: true,
    description: 'enable reachability; each User is null until its next connect',
    state: 'enabled',
  });
  addSwitch(group, host, {
    name: 'disable',
    enabled: false,
    description: 'disable reachability; each User is null from now on',
    state: 'disabled',
  });
}

interface Switch {
  readonly name: string;
  readonly enabled: boolean;
  readonly description: string;
  readonly state: string;
}

function addSwitch(group: Command, host: CommandHost, { name, enabled, ...texts }: Switch): void {
  group
    .command(name)
    .description(texts.description)
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      `\nExample:\n  $ reachability services ${name} IS0123456789abcdef0123456789abcdef`,
    )
    .action((sid: string, _options: object, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        await existingService(stores, sid);
        const { appended } = await updateService(new Aggregates(stores.events, () => new Date()), {
          serviceSid: sid,
          changes: {},
          reachabilityEnabled: enabled,
          context: cliContext(),
        });
        await catchUp(io, stores);
        const service = await existingService(stores, sid);
        const already = appended.length === 0 ? 'already ' : '';
        const line = `Reachability is ${already}${texts.state} for ${sid} (${printable(service.settings.friendlyName)})`;
        await printService(io, settings, service, line);
      }),
    );
}
