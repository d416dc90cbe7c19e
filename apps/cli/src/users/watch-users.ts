import type { Command } from 'commander';
import { resolveUserSid } from '#domain';
import { describeEvent } from '#read-model';
import { serviceSid } from '../arguments/parsers.ts';
import type { CommandHost } from '../command-host.ts';
import { follow } from '../events/follow.ts';
import { writeJsonLine, writeLine, type CommandIo } from '../io/command-io.ts';
import { printable, yesNo } from '../io/words.ts';
import { catchUp } from '../stores/catch-up.ts';
import { withStores } from '../stores/with-stores.ts';
import { existingUser } from './get-user.ts';
import { WatchedUsers, type WatchedChange, type WatchedFacts } from './watched-users.ts';

/** `users watch`: the two facts of some Users now, then each change as it happens, until Ctrl-C. */
export function addWatchUsers(group: Command, host: CommandHost): void {
  group
    .command('watch')
    .description('show Users now, then each change as it happens, until Ctrl-C')
    .argument('<users...>', 'sids or identities of the Users')
    .requiredOption('--service <sid>', 'the Service', serviceSid)
    .addHelpText(
      'after',
      `
Example:
  $ reachability users watch alice bob --service IS0123456789abcdef0123456789abcdef

With --json each line is a message as /stream sends it: first a snapshot, then
change and gone, with the time and the type of the event behind it.`,
    )
    .action((names: string[], { service }: { readonly service: string }, command: Command) =>
      host.run(command, (io, settings) =>
        withStores(settings, async (stores) => {
          await catchUp(io, stores);
          for (const name of names) await existingUser(stores, service, name);
          const sids = names.map((name) => resolveUserSid(service, name));
          const { events, readModel } = stores;
          const watched = await WatchedUsers.seed(events, readModel.users, service, sids);
          await showSnapshot(io, watched.current());
          for await (const recorded of follow(io, events, watched.position)) {
            for (const change of await watched.fold(recorded)) await showChange(io, change);
          }
          return undefined;
        }),
      ),
    );
}

async function showSnapshot(io: CommandIo, users: readonly WatchedFacts[]): Promise<void> {
  if (io.json) await writeJsonLine(io, { type: 'snapshot', users });
  else for (const facts of users) await writeLine(io, factsLine(facts));
}

async function showChange(
  io: CommandIo,
  { facts, gone, effectiveAt, event }: WatchedChange,
): Promise<void> {
  if (io.json) {
    const origin = { time: effectiveAt, event: event.type };
    const { sid, identity } = facts;
    await writeJsonLine(
      io,
      gone ? { type: 'gone', sid, identity, ...origin } : { type: 'change', ...facts, ...origin },
    );
  } else {
    const line = gone ? `${printable(facts.identity)}  deleted` : factsLine(facts);
    await writeLine(io, `${effectiveAt}  ${line}  (${describeEvent(event)})`);
  }
}

function factsLine({ identity, is_online, is_notifiable }: WatchedFacts): string {
  return `${printable(identity)}  online: ${yesNo(is_online)}  notifiable: ${yesNo(is_notifiable)}`;
}
