import type { Command } from 'commander';
import { serviceStream } from '#domain';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { printable } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { cliContext, serviceCommands } from '../stores/commands.ts';
import { existingService, showService } from './show-service.ts';

/** `services enable IS` and `services disable IS`. */
export function addSwitchReachability(group: Command, host: CommandHost): void {
  addSwitch(group, host, {
    name: 'enable',
    type: 'EnableReachability',
    description: 'enable reachability; each User is null until its next connect',
    state: 'enabled',
  });
  addSwitch(group, host, {
    name: 'disable',
    type: 'DisableReachability',
    description: 'disable reachability; each User is null from now on',
    state: 'disabled',
  });
}

interface Switch {
  readonly name: string;
  readonly type: 'EnableReachability' | 'DisableReachability';
  readonly description: string;
  readonly state: string;
}

function addSwitch(group: Command, host: CommandHost, { name, type, ...texts }: Switch): void {
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
        const { appended } = await serviceCommands(stores.events).handle(
          serviceStream(sid),
          { type },
          cliContext(),
        );
        await catchUp(io, stores);
        const service = await existingService(stores, sid);
        const already = appended.length === 0 ? 'already ' : '';
        const line = `Reachability is ${already}${texts.state} for ${sid} (${printable(service.settings.friendlyName)})`;
        await showService(io, settings, service, line);
      }),
    );
}
