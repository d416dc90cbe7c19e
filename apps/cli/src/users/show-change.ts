import { formatVersion, type ReachabilityChange } from '#read-model';
import { changeJson, changeType } from '#twilio-wire/change-json';
import { writeJsonLine, writeLine, type CommandIo } from '../io/command-io.ts';
import { printable, yesNo } from '../io/text.ts';
import type { WatchedChange, WatchedFacts } from './watched-users.ts';

export async function showSnapshot(io: CommandIo, users: readonly WatchedFacts[]): Promise<void> {
  if (io.json) await writeJsonLine(io, { type: 'snapshot', users });
  else for (const facts of users) await writeLine(io, factsLine(facts));
}

/** Shows a change of a watched User. */
export async function showUserChange(
  io: CommandIo,
  { facts, deleted, time, event }: WatchedChange,
): Promise<void> {
  if (io.json) {
    const { sid, identity } = facts;
    const user = deleted ? { type: 'gone', sid, identity } : { type: 'change', ...facts };
    await writeJsonLine(io, { ...user, time, event });
  } else {
    const line = deleted ? `${printable(facts.identity)}  deleted` : factsLine(facts);
    await writeLine(io, `${time}  ${line}  (${event})`);
  }
}

/** Shows where the changes of a Service begin. */
export async function showStart(io: CommandIo, serviceSid: string, version: string): Promise<void> {
  if (io.json) await writeJsonLine(io, { type: 'start', service_sid: serviceSid, version });
  else io.note(`Following the changes after ${version}. Press Ctrl-C to stop.\n`);
}

/** Shows a change of a Service or of one of its Users, in the shape of the change feed. */
export async function showServiceChange(
  io: CommandIo,
  change: ReachabilityChange,
  serviceSid: string,
  epoch: string,
): Promise<void> {
  if (io.json) {
    await writeJsonLine(io, {
      type: changeType(change),
      ...changeJson(change, serviceSid, epoch),
    });
  } else {
    const { at, cause, position } = change;
    const version = formatVersion(epoch, position);
    await writeLine(io, `${at}  ${describe(change)}  (${cause.type})  ${version}`);
  }
}

function describe(change: ReachabilityChange): string {
  if (change.kind === 'service') {
    if (change.deleted) return 'Service deleted';
    return `reachability ${change.reachabilityEnabled ? 'enabled' : 'disabled'}`;
  }
  const { identity, answer } = change;
  if (answer === null) return `${printable(identity)}  deleted`;
  const { isOnline: is_online, isNotifiable: is_notifiable } = answer;
  return factsLine({ identity, is_online, is_notifiable });
}

function factsLine({
  identity,
  is_online,
  is_notifiable,
}: Pick<WatchedFacts, 'identity' | 'is_online' | 'is_notifiable'>): string {
  return `${printable(identity)}  online: ${yesNo(is_online)}  notifiable: ${yesNo(is_notifiable)}`;
}
