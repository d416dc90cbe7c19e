import type { Command } from 'commander';
import { answerFor, type ServiceRow, type UserSummary } from '#read-model';
import type { Page, PageRequest } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeLine, type CommandIo } from '../io/command-io.ts';
import { JsonArrayWriter } from '../io/json-array-writer.ts';
import { printable, yesNo } from '../io/text.ts';
import { existingService } from '../services/show-service.ts';
import { allPages } from '../stores/all-pages.ts';
import { catchUp } from '../stores/catch-up.ts';
import { viewContext } from '../stores/view-context.ts';

interface ListUsersOptions {
  readonly service: string;
  readonly reachability?: true;
}

/** `users list`: all Users of a Service, oldest first. */
export function addListUsers(group: Command, host: CommandHost): void {
  group
    .command('list')
    .description('list all Users of a Service, oldest first')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .option(
      '--reachability',
      'show is_online and is_notifiable; by default both are null, as in the API',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ reachability users list --service IS0123456789abcdef0123456789abcdef --reachability',
    )
    .action((options: ListUsersOptions, command: Command) =>
      host.run(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const service = await existingService(stores, options.service);
        const pages = allPages((page) => usersOf(stores, options.service, page));
        if (io.json) {
          const context = viewContext(settings);
          const show = options.reachability === true ? userJson : userListItemJson;
          const array = new JsonArrayWriter(io, 'users');
          for await (const rows of pages) {
            await array.add(rows.map((user) => show({ user, service }, context)));
          }
          await array.end();
        } else {
          await printLines(io, service, pages, options.reachability === true);
        }
      }),
    );
}

async function usersOf(
  { readModel }: Stores,
  sid: string,
  request: PageRequest,
): Promise<Page<UserSummary>> {
  const found = await readModel.users.users(sid, request);
  if (found === null) throw usageError(`There is no Service ${sid}`);
  return found.page;
}

async function printLines(
  io: CommandIo,
  service: ServiceRow,
  pages: AsyncIterable<readonly UserSummary[]>,
  facts: boolean,
): Promise<void> {
  const line = (sid: string, online: string, notifiable: string, identity: string): string => {
    const columns = facts ? [online.padEnd(6), notifiable.padEnd(10)] : [];
    return [sid.padEnd(34), ...columns, identity].join('  ');
  };
  await writeLine(io, line('SID', 'ONLINE', 'NOTIFIABLE', 'IDENTITY'));
  for await (const rows of pages) {
    const lines = rows.map((user) => {
      const { isOnline, isNotifiable } = answerFor(user, service);
      return line(user.sid, yesNo(isOnline), yesNo(isNotifiable), printable(user.identity));
    });
    await writeLine(io, lines.join('\n'));
  }
}
