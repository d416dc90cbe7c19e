import { ExpectedUser, type Absence } from '../expected-user.ts';
import { merge, type Interval } from '../intervals.ts';
import type { Bounds, Outage } from '../oracle.ts';
import { postpone, type SharedFaults } from '../shared-faults.ts';
import { GATEWAY_TTL_MS, type GatewaySession } from './gateway.ts';
import type { Operation } from './requests.ts';

/** Longest time after its deadline until a Connection is closed, and longest time to recover from a fault. */
const SWEEP_MS = 2_500;
const RECOVERY_MS = 5_000;

/** What hindered the requests of gateways. */
export interface RequestFaults {
  /** Of each api process, by node number. */
  readonly outages: readonly (readonly Outage[])[];
  readonly shared: SharedFaults;
}

/** Expected state of the User of a gateway, derived from its requests and their answers. */
export function gatewayUser(
  sessions: readonly GatewaySession[],
  bounds: Bounds,
  faults: RequestFaults,
): ExpectedUser {
  return new ExpectedUser(
    sessions.flatMap((session) => aliveIn(session) ?? []),
    afterAllBefore(
      sessions.map((session, index) =>
        absenceAfter(session, firstSentAt(sessions[index + 1]), bounds, faults),
      ),
    ),
    bounds.visibleMs,
  );
}

/** Lets each absence begin once the Connections of all sessions before are gone, too: one may be open until its TTL. */
function afterAllBefore(absences: readonly Absence[]): Absence[] {
  const after: Absence[] = [];
  for (const own of absences) {
    const before = after.at(-1);
    after.push(
      before === undefined || before.deadline <= own.deadline
        ? own
        : { ...own, from: before.from, deadline: before.deadline, cause: 'several' },
    );
  }
  return after;
}

/** From the answer that it is open to its TTL after the last renewal that was answered, or to its deletion. */
function aliveIn(session: GatewaySession): Interval | null {
  const opens = operations(session, 'open');
  const openedAt = settledAt(opens.find(({ status }) => status === 201));
  const [first] = opens;
  if (openedAt === null || first === undefined) return null;
  const renewals = operations(session, 'renew').filter(({ status }) => status === 200);
  const lastSeen = Math.max(first.sentAt, ...renewals.map(({ sentAt }) => sentAt));
  const deletedAt = operations(session, 'close')[0]?.sentAt ?? Infinity;
  return { from: openedAt, to: Math.min(lastSeen + GATEWAY_TTL_MS, deletedAt) };
}

/** When nobody can count the Connection as open any more, until the next one is asked for. */
function absenceAfter(
  session: GatewaySession,
  to: number,
  { visibleMs }: Bounds,
  faults: RequestFaults,
): Absence {
  const from = settledAt(
    operations(session, 'close').find(({ status }) => status === 204 || status === 404),
  );
  const { lossesUnseen } = faults.shared;
  if (from !== null) {
    const deadline = postpone(from + visibleMs, from, lossesUnseen, visibleMs);
    return { from, to, deadline, cause: 'deleted' };
  }
  const holding = [...operations(session, 'open'), ...operations(session, 'renew')];
  const lastHeard = Math.max(0, ...holding.map((operation) => latestEffect(operation, faults)));
  const expiresAt = lastHeard + GATEWAY_TTL_MS;
  const after = SWEEP_MS + visibleMs;
  const deadline = postpone(expiresAt + after, expiresAt, lossesUnseen, RECOVERY_MS + after);
  return { from: expiresAt, to, deadline, cause: 'expired' };
}

/** When a request can have taken effect at the latest: a process that was frozen or cut off may go on with it. */
function latestEffect(
  { node, settledAt: end, sentAt, status }: Operation,
  { outages, shared }: RequestFaults,
): number {
  if (end === null) return Infinity;
  if (status !== null && status < 500) return end;
  const hindrances = [...(outages[node] ?? []), ...shared.lossesUnseen];
  const ends = merge(hindrances)
    .filter(({ from, to }) => from <= end && to >= sentAt)
    .map(({ to }) => to + RECOVERY_MS);
  return Math.max(end, ...ends);
}

function settledAt(operation: Operation | undefined): number | null {
  return operation?.settledAt ?? null;
}

function operations({ requests }: GatewaySession, wanted: 'open' | 'renew' | 'close'): Operation[] {
  return requests.operations
    .filter(({ kind }) => kind === wanted)
    .map(({ operation }) => operation);
}

function firstSentAt(session: GatewaySession | undefined): number {
  return session?.requests.operations[0]?.operation.sentAt ?? Infinity;
}
