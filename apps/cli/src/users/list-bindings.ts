import type { Command } from 'commander';
import type { BindingFilter, BindingOfUser, Page, PageRequest } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { bindingJson, userBindingJson } from '#twilio-wire/binding-json';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJsonPages, writeLinePages } from '../io/paged-output.ts';
import { printable } from '../io/text.ts';
import { existingService } from '../services/print-service.ts';
import { allPages } from '../stores/all-pages.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';
import { existingUser } from './get-user.ts';

/** `users bindings`: the push registrations of a User, or of all Users of a Service. */
export function addListBindings(group: Command, host: CommandHost): void {
  group
    .command('bindings')
    .description('list push registrations (Bindings), oldest first')
    .argument('[user]', 'sid or identity of the User; all Users by default')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability users bindings alice --service IS0123456789abcdef0123456789abcdef',
    )
    .action(
      (name: string | undefined, { service }: { readonly service: string }, command: Command) =>
        host.read(command, async ({ io, settings, stores }) => {
          await catchUp(io, stores);
          await existingService(stores, service);
          const ofUser = name !== undefined;
          const filter = ofUser
            ? { userSid: (await existingUser(stores, service, name)).user.sid }
            : {};
          const pages = allPages((page) => bindingsOf(stores, service, filter, page));
          if (io.json) {
            const context = viewContext(settings);
            const toJson = ofUser ? userBindingJson : bindingJson;
            await writeJsonPages(io, 'bindings', pages, (row) => toJson(service, row, context));
          } else {
            const titles = line('SID', 'TYPE', 'REGISTERED', 'IDENTITY');
            await writeLinePages(io, titles, pages, ({ sid, bindingType, createdAt, identity }) =>
              line(sid, bindingType, createdAt, printable(identity)),
            );
          }
        }),
    );
}

async function bindingsOf(
  { readModel }: Stores,
  sid: string,
  filter: BindingFilter,
  request: PageRequest,
): Promise<Page<BindingOfUser>> {
  const page = await readModel.users.bindings(sid, filter, request);
  if (page === null) throw usageError(`There is no Service ${sid}`);
  return page;
}

function line(sid: string, type: string, since: string, identity: string): string {
  return [sid.padEnd(34), type.padEnd(4), since.padEnd(24), identity].join('  ');
}
