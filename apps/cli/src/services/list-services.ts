import type { Command } from 'commander';
import type { ServiceRow } from '#read-model';
import { serviceJson } from '#twilio-wire/service-json';
import type { CommandHost } from '../command-host.ts';
import { writeJson, writeLine } from '../io/command-io.ts';
import { printable, table } from '../io/text.ts';
import { allPages } from '../stores/all-pages.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';

/** `services list`: all Services, oldest first. */
export function addListServices(group: Command, host: CommandHost): void {
  group
    .command('list')
    .description('list all Services, oldest first')
    .addHelpText('after', '\nExample:\n  $ reachability services list --json')
    .action((_options: object, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const { users } = stores.readModel;
        const pages = await Array.fromAsync(allPages((page) => users.services(page)));
        const services = pages.flat();
        if (io.json) {
          const context = viewContext(settings);
          await writeJson(io, { services: services.map((row) => serviceJson(row, context)) });
        } else {
          await writeLine(io, asTable(services));
        }
      }),
    );
}

function asTable(services: readonly ServiceRow[]): string {
  return table(
    ['SID', 'REACHABILITY', 'CREATED', 'NAME'],
    services.map(({ sid, reachabilityEnabled, createdAt, settings }) => [
      sid,
      reachabilityEnabled ? 'enabled' : 'disabled',
      createdAt,
      printable(settings.friendlyName),
    ]),
  );
}
