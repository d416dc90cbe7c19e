import type { Command } from 'commander';
import {
  answerFor,
  type PageRequest,
  type UserOrder,
  type UserPage,
  type UserSelection,
} from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import { USER_ORDERS } from '#twilio-wire/user-orders';
import { answer, identityPrefix, serviceSid, userOrder } from '../arguments/parsers.ts';
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
  readonly online?: boolean | null;
  readonly notifiable?: boolean | null;
  readonly prefix?: string;
  readonly order?: UserOrder;
}

/** `users list`: the Users of a Service, by default all, oldest first. */
export function addListUsers(group: Command, host: CommandHost): void {
  group
    .command('list')
    .description('list the Users of a Service, by default all, oldest first')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .option(
      '--reachability',
      'show is_online and is_notifiable; by default both are null, as in the API. A filter or an order shows them, too',
    )
    .option('--online <true|false|null>', 'only Users whose is_online is this', answer)
    .option('--notifiable <true|false|null>', 'only Users whose is_notifiable is this', answer)
    .option('--prefix <identity>', 'only Users whose identity begins with this', identityPrefix)
    .option('--order <order>', `what to sort by: ${Object.keys(USER_ORDERS).join(', ')}`, userOrder)
    .addHelpText(
      'after',
      '\nExamples:\n  $ reachability users list --service IS0123456789abcdef0123456789abcdef --reachability\n  $ reachability users list --service IS0123456789abcdef0123456789abcdef --online true --order last_change:desc',
    )
    .action((options: ListUsersOptions, command: Command) =>
      host.read(command, async ({ io, settings, stores }) => {
        await catchUp(io, stores);
        const service = await existingService(stores, options.service);
        const selection = toSelection(options);
        const pages = allPages((page) => usersOf(stores, options.service, page, selection));
        const reachability = options.reachability ?? Object.keys(selection).length > 0;
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
  selection: UserSelection,
): Promise<UserPage> {
  const found = await readModel.users.users(sid, request, selection);
  if (found === null) throw usageError(`There is no Service ${sid}`);
  return found.page;
}

function toSelection({ online, notifiable, prefix, order }: ListUsersOptions): UserSelection {
  return {
    ...(online === undefined ? {} : { isOnline: online }),
    ...(notifiable === undefined ? {} : { isNotifiable: notifiable }),
    ...(prefix === undefined ? {} : { identityPrefix: prefix }),
    ...(order === undefined ? {} : { order }),
  };
}

type Cells = readonly [sid: string, online: string, notifiable: string, identity: string];

function line([sid, online, notifiable, identity]: Cells, reachability: boolean): string {
  const facts = reachability ? [online.padEnd(6), notifiable.padEnd(10)] : [];
  return [sid.padEnd(34), ...facts, identity].join('  ');
}
