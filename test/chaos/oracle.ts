import { intersect, merge, subtract, type Interval } from './intervals.ts';

/** Why a client's connection ended. */
export type EndCause = 'clean' | 'abrupt' | 'silent' | 'expired' | 'closed by server';

/** One attempt of a client to open a socket, and what really happened to it, by the clock of this machine. */
export interface Attempt {
  readonly user: string;
  readonly node: number;
  readonly startedAt: number;
  /** When the ready frame arrived; null if it never did. */
  readyAt: number | null;
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

/** An interval in which a process did not run. */
export interface Outage extends Interval {
  readonly kind: 'killed' | 'paused' | 'stopped';
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

/** An interval in which no client of a User was connected or connecting. Until `deadline` it may still be shown online. */
export interface Absence extends Interval {
  readonly deadline: number;
  /** Why the last client ended; `several` if another one ended shortly before and may still count. */
  readonly cause: EndCause | 'node_lost' | 'several';
}

/** Time that a node or link needs after a long outage to find out that it is fenced. */
const WAKING_MS = 2_000;
/** Duration of a node's lease. */
const LEASE_MS = 6_000;
/** Longest delay until a client notices that the server closed its socket. */
const CLOSE_DELAY_MS = 1_000;

type NodeOutages = readonly (readonly Outage[])[];

/**
 * Expected state of one User, derived from what its clients and the processes really did. It decides only clear
 * cases: where a client may or may not have reached a server, both states are accepted.
 */
export class UserOracle {
  /** When a running node exchanges frames with a client, or the client returns within its grace period. */
  readonly alive: readonly Interval[];
  readonly absences: readonly Absence[];
  readonly #visibleMs: number;

  /** @param outages of each node, indexed by its number */
  constructor(attempts: readonly Attempt[], outages: NodeOutages, bounds: Bounds) {
    this.alive = aliveIntervals(attempts, outages, bounds.graceMs);
    this.absences = absences(attempts, outages, bounds);
    this.#visibleMs = bounds.visibleMs;
  }

  /** The interval that contradicts "offline" in a read sent at `from` and answered at `to`. */
  falselyOffline(from: number, to: number): Interval | undefined {
    return this.alive.find(
      (interval) => interval.from + this.#visibleMs <= from && to <= interval.to,
    );
  }

  /** The interval that contradicts "offline" at some moment between `from` and `to`. */
  falselyOfflineWithin(from: number, to: number): Interval | undefined {
    return this.alive.find(
      (interval) => Math.max(from, interval.from + this.#visibleMs) < Math.min(to, interval.to),
    );
  }

  /** The absence that contradicts "online" in a read sent at `from` and answered at `to`. */
  ghost(from: number, to: number): Absence | undefined {
    return this.absences.find((absence) => absence.deadline < from && to < absence.to);
  }

  /** The absence that contradicts "online" at some moment between `from` and `to`. */
  ghostWithin(from: number, to: number): Absence | undefined {
    return this.absences.find(
      (absence) => Math.max(from, absence.deadline) < Math.min(to, absence.to),
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
): Interval[] {
  return attempts.flatMap((attempt) => {
    const { readyAt, answeredAt, endedAt, lateMs } = attempt;
    if (readyAt === null || answeredAt === null) return [];
    const from = Math.max(readyAt + visibleMs + lateMs, answeredAt);
    const end = (endedAt ?? Infinity) - CLOSE_DELAY_MS;
    return subtract([{ from, to: end }], silentIntervals(attempt, outages, 0));
  });
}

function aliveIntervals(
  attempts: readonly Attempt[],
  outages: NodeOutages,
  graceMs: number,
): Interval[] {
  const exchanges = attempts
    .flatMap((attempt) => {
      const { readyAt, endedAt, endCause, lateMs, expiresAt } = attempt;
      if (readyAt === null) return [];
      const byServer = endCause === 'expired' || endCause === 'closed by server';
      const seenEnd = (endedAt ?? Infinity) - (byServer ? CLOSE_DELAY_MS + 3 * lateMs : 0);
      const end = Math.min(seenEnd, expiresAt);
      const atOnce = endCause === 'clean' || endCause === 'expired';
      return subtract([{ from: readyAt, to: end }], silentIntervals(attempt, outages, graceMs)).map(
        ({ from, to }) => {
          const grace = atOnce && to === end ? 0 : graceMs;
          return { from, to, within: Math.max(to, Math.min(to + grace, expiresAt)) };
        },
      );
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
    outage.kind !== 'paused' && startedAt < outage.from
      ? { from: outage.from, to: Infinity }
      : withRecovery(outage),
  );
  return [...blocked.map(withRecovery), ...ofNode];
}

/** When the server can last have heard of the attempt; Infinity while it is open. */
function endOf({ endedAt, lateMs }: Attempt): number {
  return endedAt === null ? Infinity : endedAt + lateMs;
}

function absences(attempts: readonly Attempt[], outages: NodeOutages, bounds: Bounds): Absence[] {
  const trying = merge(
    attempts.map((attempt) => ({ from: attempt.startedAt, to: endOf(attempt) })),
  );
  return trying.flatMap(({ to: from }, index) => {
    if (from === Infinity) return [];
    const ended = attempts.filter((attempt) => endOf(attempt) <= from);
    const deadline = Math.max(...ended.map((attempt) => deadlineOf(attempt, outages, bounds)));
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
 * Until when the Connection of an ended attempt may count as open. A pause of its node delays that node. If the node
 * is lost, the other nodes get their time to detect it. While no node runs, time does not count.
 */
function deadlineOf(
  attempt: Attempt,
  outages: NodeOutages,
  { stalenessMs, nodeLostMs }: Bounds,
): number {
  const gone = endOf(attempt);
  let deadline = gone + stalenessMs;
  for (const { from, to, kind } of outages[attempt.node] ?? []) {
    if (from > deadline || to < gone) continue;
    const delayed = kind === 'paused' ? deadline + Math.min(to - from, LEASE_MS) : deadline;
    // A paused node sees a handshake that waited for it only when it resumes.
    const anew = kind === 'paused' && attempt.readyAt === null ? to + WAKING_MS + stalenessMs : 0;
    deadline = Math.max(delayed, from + nodeLostMs, anew);
  }
  const [first = [], ...others] = outages;
  for (const dark of others.reduce<Interval[]>(intersect, merge(first))) {
    if (dark.from <= deadline && dark.to >= gone)
      deadline = Math.max(deadline, dark.to + nodeLostMs);
  }
  return deadline;
}
