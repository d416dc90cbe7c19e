import type { Command } from 'commander';
import { rolesOf } from '#domain';
import { roleJson } from '#twilio-wire/role-json';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { table } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';
import { existingService } from './print-service.ts';

/** `services roles IS`: the Roles of a Service. */
export function addListRoles(group: Command, host: CommandHost): void {
  group
    .command('roles')
    .description('list the Roles of a Service')
    .argument('<service>', 'sid of the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability services roles IS0123456789abcdef0123456789abcdef',
    )
    .action((sid: string, _options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const service = await existingService(stores, sid);
        const roles = rolesOf(service);
        if (io.json) {
          const context = viewContext(settings);
          await writeJson(io, { roles: roles.map((role) => roleJson(role, service, context)) });
        } else {
          const rows = roles.map((role) => [
            role.sid,
            role.type,
            role.friendlyName,
            role.permissions.join(' '),
          ]);
          await writeLine(io, table(['SID', 'TYPE', 'NAME', 'PERMISSIONS'], rows));
        }
      }),
    );
}
