import type { Command } from 'commander';
import { answerFor, type Page, type PageRequest, type UserSummary } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { writeJsonPages, writeLinePages } from '../io/paged-output.ts';
import { printable, yesNo } from '../io/text.ts';
import { existingService } from '../services/print-service.ts';
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
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const service = await existingService(stores, options.service);
        const pages = allPages((page) => usersOf(stores, options.service, page));
        const { reachability = false } = options;
        if (io.json) {
          const context = viewContext(settings);
          const toJson = reachability ? userJson : userListItemJson;
          await writeJsonPages(io, 'users', pages, (user) => toJson({ user, service }, context));
        } else {
          const titles = line(['SID', 'ONLINE', 'NOTIFIABLE', 'IDENTITY'], reachability);
          await writeLinePages(io, titles, pages, (user) => {
            const { isOnline, isNotifiable } = answerFor(user, service);
            const { sid, identity } = user;
            const cells = [sid, yesNo(isOnline), yesNo(isNotifiable), printable(identity)] as const;
            return line(cells, reachability);
          });
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

type Cells = readonly [sid: string, online: string, notifiable: string, identity: string];

function line([sid, online, notifiable, identity]: Cells, reachability: boolean): string {
  const facts = reachability ? [online.padEnd(6), notifiable.padEnd(10)] : [];
  return [sid.padEnd(34), ...facts, identity].join('  ');
}
