import { ExpectedUser, type Absence } from './expected-user.ts';
import { intersect, merge, subtract, type Interval } from './intervals.ts';
import { NO_SHARED_FAULTS, postpone, type SharedFaults } from './shared-faults.ts';

/** Why a client's connection ended. */
export type EndCause = 'clean' | 'abrupt' | 'silent' | 'expired' | 'closed by server';

/** One attempt of a client to open a socket, and what really happened to it, by the clock of this machine. */
export interface Attempt {
  readonly user: string;
  readonly node: number;
  readonly startedAt: number;
  /** When the ready frame arrived; null if it never did. */
  readyAt: number | null;
  /** Sid in the ready frame. */
  connectionSid?: string;
  /** When the client had the snapshots of all Users that it watches; null before that. */
  answeredAt: number | null;
  /** When the client was gone; null while it is connected. */
  endedAt: number | null;
  endCause: EndCause | null;
  /** Close code of the socket; null if the client closed it. */
  closeCode: number | null;
  /** Intervals in which frames did not get through. */
  readonly blocked: Interval[];
  /** When its token expires: a grace period ends then at the latest. */
  readonly expiresAt: number;
  /** Added latency: how much later the server learns what the client did. */
  lateMs: number;
}

/** An interval in which a process did not run, or was cut off from a store. */
export interface Outage extends Interval {
  readonly kind: 'killed' | 'paused' | 'stopped' | 'cut';
}

export interface Bounds {
  readonly graceMs: number;
  /** The staleness bound that every answer states: longest time that a client that left may be shown online. */
  readonly stalenessMs: number;
  /** Longest time after a node died that its clients may be shown online. */
  readonly nodeLostMs: number;
  /** Longest time until a change is visible everywhere. */
  readonly visibleMs: number;
}

/** Time that a node or link needs after a long outage to find out that it is fenced. */
const WAKING_MS = 2_000;
/** Duration of a node's lease. */
const LEASE_MS = 6_000;
/** A node that is cut off for less than this keeps its lease, which it renews every 2 s. */
const TOLERATED_CUT_MS = 3_000;
/** Longest delay until a client notices that the server closed its socket. */
const CLOSE_DELAY_MS = 1_000;

type NodeOutages = readonly (readonly Outage[])[];

/** Expected state of one User, derived from what its clients and the processes really did. */
export class UserOracle extends ExpectedUser {
  /** @param outages of each node, indexed by its number */
  constructor(
    attempts: readonly Attempt[],
    outages: NodeOutages,
    bounds: Bounds,
    shared: SharedFaults = NO_SHARED_FAULTS,
  ) {
    super(
      aliveIntervals(attempts, outages, bounds.graceMs, shared.logAway),
      absences(attempts, outages, bounds, shared),
      bounds.visibleMs,
    );
  }
}

/** Longest time between a fault and a close that it causes. */
const DISTURBANCE_MS = 25_000;
/** Close codes for a lost peer, a peer that does not read, or an internal error. */
const FAILURE_CODES = new Set([1006, 1011, 4408]);

/** Whether a server closed a connection although neither end nor the network had a fault. */
export function isNeedlessClose(attempt: Attempt, outages: NodeOutages): boolean {
  const { endedAt, closeCode, readyAt, node, blocked } = attempt;
  if (endedAt === null || readyAt === null || !FAILURE_CODES.has(closeCode ?? 0)) return false;
  const nearby = { from: endedAt - DISTURBANCE_MS, to: endedAt + WAKING_MS };
  return intersect([nearby], [...blocked, ...(outages[node] ?? [])]).length === 0;
}

/** When the view of a watcher counts: it is attached and has had the time to receive changes. */
export function informedIntervals(
  attempts: readonly Attempt[],
  outages: NodeOutages,
  { visibleMs }: Bounds,
  { logAway }: SharedFaults = NO_SHARED_FAULTS,
): Interval[] {
  return attempts.flatMap((attempt) => {
    const { readyAt, answeredAt, endedAt, lateMs } = attempt;
    if (readyAt === null || answeredAt === null) return [];
    const from = Math.max(readyAt + visibleMs + lateMs, answeredAt);
    const end = (endedAt ?? Infinity) - CLOSE_DELAY_MS;
    return subtract([{ from, to: end }], [...silentIntervals(attempt, outages, 0), ...logAway]);
  });
}

function aliveIntervals(
  attempts: readonly Attempt[],
  allOutages: NodeOutages,
  graceMs: number,
  logAway: readonly Interval[],
): Interval[] {
  const outages = allOutages.map((list) => list.filter((outage) => !isTolerated(outage)));
  const exchanges = attempts
    .flatMap((attempt) => {
      const { readyAt, endedAt, endCause, lateMs, expiresAt } = attempt;
      if (readyAt === null) return [];
      const byServer = endCause === 'expired' || endCause === 'closed by server';
      const seenEnd = (endedAt ?? Infinity) - (byServer ? CLOSE_DELAY_MS + 3 * lateMs : 0);
      const end = Math.min(seenEnd, expiresAt);
      const atOnce = endCause === 'clean' || endCause === 'expired';
      // A node that was fenced finds out in the log.
      const silent = silentIntervals(attempt, outages, graceMs).map(({ from, to }) => ({
        from,
        to: postpone(to, to, logAway, WAKING_MS),
      }));
      return subtract([{ from: readyAt, to: end }], silent).map(({ from, to }) => {
        const grace = atOnce && to === end ? 0 : graceMs;
        return { from, to, within: Math.max(to, Math.min(to + grace, expiresAt)) };
      });
    })
    .sort((a, b) => a.from - b.from);
  const alive: { from: number; to: number; within: number }[] = [];
  for (const { from, to, within } of exchanges) {
    const last = alive.at(-1);
    if (last !== undefined && from < last.within) {
      // A clean close also ends the grace periods of the User's earlier connections.
      last.within = to > last.to ? within : Math.max(last.within, within);
      last.to = Math.max(last.to, to);
    } else alive.push({ from, to, within });
  }
  return alive;
}

function isTolerated({ kind, from, to }: Outage): boolean {
  return kind === 'cut' && to - from < TOLERATED_CUT_MS;
}

/** When the attempt cannot have exchanged frames. A killed or stopped process does not bring its sockets back. */
function silentIntervals(
  { startedAt, node, blocked }: Attempt,
  outages: NodeOutages,
  graceMs: number,
): Interval[] {
  const withRecovery = ({ from, to }: Interval): Interval => ({
    from,
    to: to - from < graceMs ? to : to + WAKING_MS,
  });
  const ofNode = (outages[node] ?? []).map((outage) =>
    endsSockets(outage) && startedAt < outage.from
      ? { from: outage.from, to: Infinity }
      : withRecovery(outage),
  );
  return [...blocked.map(withRecovery), ...ofNode];
}

function endsSockets({ kind }: Outage): boolean {
  return kind === 'killed' || kind === 'stopped';
}

/** When the server can last have heard of the attempt; Infinity while it is open. */
function endOf({ endedAt, lateMs }: Attempt): number {
  return endedAt === null ? Infinity : endedAt + lateMs;
}

function absences(
  attempts: readonly Attempt[],
  outages: NodeOutages,
  bounds: Bounds,
  shared: SharedFaults,
): Absence[] {
  const trying = merge(
    attempts.map((attempt) => ({ from: attempt.startedAt, to: endOf(attempt) })),
  );
  return trying.flatMap(({ to: from }, index) => {
    if (from === Infinity) return [];
    const ended = attempts.filter((attempt) => endOf(attempt) <= from);
    const deadline = Math.max(
      ...ended.map((attempt) => deadlineOf(attempt, outages, bounds, shared)),
    );
    const last = ended.findLast((attempt) => endOf(attempt) === from);
    const lost = outages[last?.node ?? 0]?.some(
      (outage) => outage.from <= from + bounds.graceMs && outage.to >= from,
    );
    const lingering = ended.some(
      (attempt) => attempt !== last && endOf(attempt) > from - bounds.stalenessMs,
    );
    const cause = lost === true ? 'node_lost' : lingering ? 'several' : endCauseOf(last);
    return [{ from, to: trying[index + 1]?.from ?? Infinity, deadline, cause }];
  });
}

/** The cause of an end as the server sees it: a bye sent while the link was blocked never arrives. */
function endCauseOf(attempt: Attempt | undefined): EndCause {
  const { endedAt, endCause, blocked } = attempt ?? { endedAt: 0, endCause: null, blocked: [] };
  const unheard = blocked.some(({ from, to }) => from <= (endedAt ?? 0) && (endedAt ?? 0) <= to);
  return unheard ? 'silent' : (endCause ?? 'closed by server');
}

/**
 * Until when the Connection of an ended attempt may count as open. A pause of its node delays that node, as does its
 * being cut off. If the node is lost, the other nodes get their time to detect it. While no node runs, or a fault of what
 * all share prevents it, time does not count.
 */
function deadlineOf(
  attempt: Attempt,
  outages: NodeOutages,
  { stalenessMs, nodeLostMs, visibleMs }: Bounds,
  { logAway, lossesUnseen }: SharedFaults,
): number {
  const gone = endOf(attempt);
  const ofNode = outages[attempt.node] ?? [];
  let deadline = gone + stalenessMs;
  for (const { from, to, kind } of ofNode) {
    if (from > deadline || to < gone) continue;
    const delayed = endsSockets({ from, to, kind })
      ? deadline
      : deadline + Math.min(to - from, LEASE_MS);
    // A paused node sees a handshake that waited for it only when it resumes.
    const anew =
      !endsSockets({ from, to, kind }) && attempt.readyAt === null
        ? to + WAKING_MS + stalenessMs
        : 0;
    deadline = Math.max(delayed, from + nodeLostMs, anew);
  }
  const isSlow = attempt.readyAt === null;
  deadline = postpone(deadline, gone, logAway, isSlow ? stalenessMs : visibleMs);
  if (ofNode.some(({ from, to }) => from <= deadline && to >= attempt.startedAt)) {
    deadline = postpone(deadline, gone, lossesUnseen, nodeLostMs);
  }
  const [first = [], ...others] = outages;
  const dark = others.reduce<Interval[]>(intersect, merge(first));
  return postpone(deadline, gone, dark, nodeLostMs);
}
