import type { Command } from 'commander';
import { resolveUserSid } from '#domain';
import { describeEvent } from '#read-model';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { followLog } from '../events/follow-log.ts';
import { writeJsonLine, writeLine, type CommandIo } from '../io/command-io.ts';
import { printable, yesNo } from '../io/text.ts';
import { catchUp } from '../stores/catch-up.ts';
import { existingUser } from './get-user.ts';
import { WatchedUsers, type WatchedChange, type WatchedFacts } from './watched-users.ts';

/** `users watch`: the reachability of Users now, then each change, until Ctrl-C. */
export function addWatchUsers(group: Command, host: CommandHost): void {
  group
    .command('watch')
    .description('show the reachability of Users now, then each change, until Ctrl-C')
    .argument('<users...>', 'sids or identities of the Users')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      `
Example:
  $ reachability users watch alice bob --service IS0123456789abcdef0123456789abcdef

With --json, each line is a message as /stream sends it: first "snapshot", then "change"
and "gone", with the time and the type of the event that caused it.`,
    )
    .action((names: string[], { service }: { readonly service: string }, command: Command) =>
      host.read(command, async ({ io, stores }) => {
        await catchUp(io, stores);
        for (const name of names) await existingUser(stores, service, name);
        const sids = names.map((name) => resolveUserSid(service, name));
        const { events, readModel } = stores;
        const watched = await WatchedUsers.load(events, readModel.users, service, sids);
        await showSnapshot(io, watched.current());
        for await (const recorded of followLog(io, events, watched.position)) {
          for (const change of await watched.fold(recorded)) await showChange(io, change);
        }
      }),
    );
}

async function showSnapshot(io: CommandIo, users: readonly WatchedFacts[]): Promise<void> {
  if (io.json) await writeJsonLine(io, { type: 'snapshot', users });
  else for (const facts of users) await writeLine(io, factsLine(facts));
}

async function showChange(
  io: CommandIo,
  { facts, deleted, effectiveAt, event }: WatchedChange,
): Promise<void> {
  if (io.json) {
    const origin = { time: effectiveAt, event: event.type };
    const { sid, identity } = facts;
    await writeJsonLine(
      io,
      deleted
        ? { type: 'gone', sid, identity, ...origin }
        : { type: 'change', ...facts, ...origin },
    );
  } else {
    const line = deleted ? `${printable(facts.identity)}  deleted` : factsLine(facts);
    await writeLine(io, `${effectiveAt}  ${line}  (${describeEvent(event)})`);
  }
}

function factsLine({ identity, is_online, is_notifiable }: WatchedFacts): string {
  return `${printable(identity)}  online: ${yesNo(is_online)}  notifiable: ${yesNo(is_notifiable)}`;
}
