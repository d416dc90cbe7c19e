import type { Violation } from '../checker.ts';
import type { Attempt } from '../oracle.ts';
import type { ServiceReader, UsersReading } from '../service-reader.ts';
import type { Gateway } from './gateway.ts';
import { LogReplay } from './log-replay.ts';
import type { MachineProcess } from './machine-process.ts';
import type { Machines } from './machines.ts';
import type { Writer } from './writer.ts';

/** Names of the projections. */
const PROJECTIONS = ['users', 'timeline', 'summary'] as const;

/** Reads the whole log with the CLI, past all faults. */
export async function replayLog({ cli }: Machines): Promise<LogReplay> {
  return new LogReplay(await cli.jsonLines('events', 'replay'));
}

/** Api processes, and how they are read. */
interface ComparedMachines {
  readonly apis: readonly Pick<MachineProcess, 'name' | 'program'>[];
  readonly reader: Pick<ServiceReader, 'readAll'>;
}

/**
 * Compares what each api process shows of some Users. One that does not answer is a violation: its supervisor may be starting
 * it again, and whoever compares until all agree finds it later.
 */
export async function compareShown(
  { apis, reader }: ComparedMachines,
  users: readonly string[],
  compare: (where: string, shown: UsersReading['users']) => readonly Violation[],
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { name, program } of apis) {
    try {
      if (program === null) throw new Error('it is not running');
      const reading = await reader.readAll(program, users);
      violations.push(...compare(name, reading.users));
    } catch (error) {
      violations.push({ user: '', where: name, what: `no answer at the end: ${String(error)}` });
    }
  }
  return violations;
}

/** What every api process shows otherwise than the log says. */
export function contradictionsOfLog(machines: Machines, replay: LogReplay): Promise<Violation[]> {
  const states = replay.users;
  return compareShown(machines, [...states.keys()], (where, users) =>
    [...states].flatMap(([user, { isOnline, isNotifiable }]) => {
      const shown = users.get(user);
      if (shown?.isOnline === isOnline && shown.isNotifiable === isNotifiable) return [];
      const what = `${JSON.stringify(shown)} at the end, the log says online ${isOnline}, notifiable ${isNotifiable}`;
      return [{ user, where, what }];
    }),
  );
}

/** Writes that were acknowledged and are not in the log, or not shown at the end. */
export async function lostWrites(
  machines: Machines,
  replay: LogReplay,
  { attempts, gateways, writers }: Acknowledged,
): Promise<Violation[]> {
  const states = replay.users;
  const violations: Violation[] = [];
  const add = (user: string, what: string) => violations.push({ user, where: 'log', what });
  for (const { user, connectionSid } of attempts) {
    if (connectionSid === undefined || states.get(user)?.opened.includes(connectionSid)) continue;
    add(user, `ready with ${connectionSid}, which was never opened`);
  }
  for (const { identity, sessions } of gateways) {
    const opened = states.get(identity)?.opened ?? [];
    for (const { sid } of sessions) {
      if (sid !== null && !opened.includes(sid)) add(identity, `201 with ${sid}, never opened`);
    }
  }
  for (const { identity, acknowledged, bindings } of writers) {
    const state = states.get(identity);
    for (const n of acknowledged) {
      if (state?.friendlyNames.has(String(n)) !== true) add(identity, `write ${n}`);
    }
    for (const address of bindings) {
      if (state?.bindingAddresses.has(address) !== true) add(identity, `Binding ${address}`);
    }
    const last = acknowledged.at(-1) ?? 0;
    for (const [name, shown] of await shownNames(machines, identity)) {
      if (shown < last || shown !== Number(state?.friendlyName ?? 0)) {
        const what = `shows ${shown} after write ${last}, the log has ${state?.friendlyName}`;
        violations.push({ user: identity, where: name, what });
      }
    }
  }
  return violations;
}

/** What was acknowledged during a run. */
export interface Acknowledged {
  readonly attempts: readonly Attempt[];
  readonly gateways: readonly Gateway[];
  readonly writers: readonly Writer[];
}

/** Requests with one `Idempotency-Key` that took effect twice. */
export function doubledWrites(replay: LogReplay, gateways: readonly Gateway[]): Violation[] {
  const states = replay.users;
  return gateways.flatMap(({ identity, sessions }) => {
    const opened = states.get(identity)?.opened ?? [];
    if (opened.length <= sessions.length) return [];
    const what = `${opened.length} Connections by ${sessions.length} keys`;
    return [{ user: identity, where: 'log', what }];
  });
}

/** Differences between the projections and the log, as `reachability projections verify` finds them. */
export async function verifyProjections({ cli }: Machines): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const name of PROJECTIONS) {
    const { code, stdout, stderr } = await cli.run('projections', 'verify', name);
    if (code === 0) continue;
    violations.push({ user: '', where: `verify ${name}`, what: `${stdout}${stderr}` });
  }
  return violations;
}

async function shownNames(
  { apis, reader }: Machines,
  identity: string,
): Promise<Map<string, number>> {
  const names = new Map<string, number>();
  for (const { name, program } of apis) {
    const answer = await program?.get(`/v2/Services/${reader.serviceSid}/Users/${identity}`);
    names.set(name, Number(answer?.body['friendly_name'] ?? 0));
  }
  return names;
}
