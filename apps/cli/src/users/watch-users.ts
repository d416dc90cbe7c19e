import type { Command } from 'commander';
import { resolveUserSid } from '#domain';
import { formatVersion } from '#read-model';
import { serviceSid } from '../arguments/parsers.ts';
import { usageError } from '../cli-error.ts';
import type { CommandHost } from '../command-host.ts';
import { existingService } from '../services/print-service.ts';
import { catchUp } from '../stores/catch-up.ts';
import { followChanges } from './follow-changes.ts';
import { existingUser } from './get-user.ts';
import { showServiceChange, showSnapshot, showStart, showUserChange } from './show-change.ts';
import { WatchedUsers } from './watched-users.ts';

interface WatchOptions {
  readonly service: string;
  readonly follow?: true;
  readonly since?: string;
}

/** `users watch`: the reachability of Users now, then each change, until Ctrl-C; or each change of a whole Service. */
export function addWatchUsers(group: Command, host: CommandHost): void {
  group
    .command('watch')
    .description('show the reachability of Users now, then each change, until Ctrl-C')
    .argument('[users...]', 'sids or identities of the Users')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .option('--follow', 'show the changes of all Users of the Service, and of the Service itself')
    .option('--since <version>', 'with --follow: begin after this version; now by default')
    .addHelpText(
      'after',
      `
Examples:
  $ reachability users watch alice bob --service IS0123456789abcdef0123456789abcdef
  $ reachability users watch --follow --service IS0123456789abcdef0123456789abcdef --json

With --json, each line is a message as /stream sends it: first "snapshot", then "change"
and "gone", with the time and the type of the event that caused it. With --follow, each
line is an event of the change feed: "start", "change", "gone" or "service".`,
    )
    .action((names: string[], options: WatchOptions, command: Command) => {
      if (options.follow === true && names.length === 0) return follow(host, options, command);
      return host.read(command, async ({ io, stores }) => {
        const { service, follow: isFollowing, since } = options;
        if (names.length === 0 || isFollowing === true || since !== undefined) {
          throw usageError('Name the Users to watch, or pass --follow without any');
        }
        await catchUp(io, stores);
        for (const name of names) await existingUser(stores, service, name);
        const sids = names.map((name) => resolveUserSid(service, name));
        const { epoch } = stores.events;
        const watched = await WatchedUsers.load(stores.readModel.users, service, sids, epoch);
        await showSnapshot(io, watched.current());
        for await (const change of followChanges(io, stores, service, watched.position)) {
          for (const one of watched.apply(change)) await showUserChange(io, one);
        }
      });
    });
}

function follow(
  host: CommandHost,
  { service, since }: WatchOptions,
  command: Command,
): Promise<void> {
  return host.read(command, async ({ io, stores }) => {
    await catchUp(io, stores);
    await existingService(stores, service);
    const { events } = stores;
    const { epoch } = events;
    const after = since === undefined ? await events.head() : positionIn(since, epoch);
    await showStart(io, service, formatVersion(epoch, after ?? '0'));
    for await (const change of followChanges(io, stores, service, after)) {
      await showServiceChange(io, change, service, epoch);
    }
  });
}

/** Returns the position in a version. @throws CliError for a version of another log, and for anything else */
function positionIn(version: string, epoch: string): string {
  const position = version.slice(epoch.length + 1);
  if (version === formatVersion(epoch, position) && /^\d{1,40}$/.test(position)) return position;
  throw usageError(`--since must be a version of this log, such as ${epoch}:0`);
}
