import { common, merged, without, type Span } from './spans.ts';

/** How a client came to be gone. */
export type Ending = 'clean' | 'abrupt' | 'silent' | 'expired' | 'closed by server';

/** One socket that a client tried to open: what really happened to it, by the clock of this machine. */
export interface Attempt {
  readonly user: string;
  readonly node: number;
  readonly startedAt: number;
  /** When it was told that its Connection is durable; null where it never was. */
  readyAt: number | null;
  /** When it had been told of all that it watches, which a client knows; null before that. */
  answeredAt: number | null;
  /** From when on the client was not there any more; null while it is. */
  endedAt: number | null;
  how: Ending | null;
  /** The code that the socket closed with, where the client did not close it. */
  closeCode: number | null;
  /** Stretches in which frames did not get through. */
  readonly blocked: Span[];
  /** When its token runs out: no grace lasts longer. */
  readonly expiresAt: number;
  /** How much later the other end learns what this end did. */
  lateMs: number;
}

/** What happened to a process: from when to when it did not run. */
export interface Outage extends Span {
  readonly kind: 'killed' | 'paused' | 'stopped';
}

export interface Bounds {
  readonly graceMs: number;
  /** Longest that a client that is gone may be shown online, as every answer says. */
  readonly stalenessMs: number;
  /** Longest after a node died that its clients may be shown online. */
  readonly nodeLostMs: number;
  /** Longest that a truth may take to be shown everywhere. */
  readonly visibleMs: number;
}

/** From when to when no client of a User was even trying, and until when it may be shown online nevertheless. */
export interface Absence extends Span {
  readonly deadline: number;
  /** How the last one went; `several` where another went shortly before, who may still count. */
  readonly how: Ending | 'node_lost' | 'several';
}

/** What a node or a link that was out for long says counts from this on: it has to find out that it is fenced. */
const WAKING_MS = 2_000;
/** How long a node keeps its lease without renewing it. */
const LEASE_MS = 6_000;
/** A client that is closed by the server sees it at most so much later than everybody else. */
const SEEN_LATE_MS = 1_000;

type Outages = readonly (readonly Outage[])[];

/**
 * What must be shown of one User, derived from what its clients and the processes really did. It judges only where
 * there is no doubt: a client that may or may not have got through is held against nobody.
 */
export class Truth {
  /** A running node exchanges frames with a client, or the client is back before its grace is over. */
  readonly alive: readonly Span[];
  readonly absences: readonly Absence[];
  readonly #visibleMs: number;

  /** @param outages of each node, by its number */
  constructor(attempts: readonly Attempt[], outages: Outages, bounds: Bounds) {
    this.alive = aliveSpans(attempts, outages, bounds.graceMs);
    this.absences = absences(attempts, outages, bounds);
    this.#visibleMs = bounds.visibleMs;
  }

  /** Since when it must have been shown online at a moment that somebody looked at, between `from` and `to`. */
  falselyOffline(from: number, to: number): Span | undefined {
    return this.alive.find((span) => span.from + this.#visibleMs <= from && to <= span.to);
  }

  /** Since when it must have been shown online at one moment at least of a whole stretch. */
  falselyOfflineWithin(from: number, to: number): Span | undefined {
    return this.alive.find(
      (span) => Math.max(from, span.from + this.#visibleMs) < Math.min(to, span.to),
    );
  }

  /** The absence in which it must not have been shown online when somebody looked between `from` and `to`. */
  ghost(from: number, to: number): Absence | undefined {
    return this.absences.find((absence) => absence.deadline < from && to < absence.to);
  }

  /** The absence in which it must not have been shown online at one moment at least of a whole stretch. */
  ghostWithin(from: number, to: number): Absence | undefined {
    return this.absences.find(
      (absence) => Math.max(from, absence.deadline) < Math.min(to, absence.to),
    );
  }
}

/** How long before a close a disturbance may have been the reason for it. */
const REASON_MS = 25_000;
/** Closes that say that the other end is not there, or reads nothing, or that something failed. */
const GIVEN_UP = new Set([1006, 1011, 4408]);

/** Whether a server gave a connection up though nothing had befallen either end or the network in between. */
export function needlesslyClosed(attempt: Attempt, outages: Outages): boolean {
  const { endedAt, closeCode, readyAt, node, blocked } = attempt;
  if (endedAt === null || readyAt === null || !GIVEN_UP.has(closeCode ?? 0)) return false;
  const nearby = { from: endedAt - REASON_MS, to: endedAt + WAKING_MS };
  return common([nearby], [...blocked, ...(outages[node] ?? [])]).length === 0;
}

/** When what a watcher shows can be held against the server: it is attached, and had the time to be told. */
export function informed(
  attempts: readonly Attempt[],
  outages: Outages,
  { visibleMs }: Bounds,
): Span[] {
  return attempts.flatMap((attempt) => {
    const { readyAt, answeredAt, endedAt, lateMs } = attempt;
    if (readyAt === null || answeredAt === null) return [];
    const from = Math.max(readyAt + visibleMs + lateMs, answeredAt);
    const end = (endedAt ?? Infinity) - SEEN_LATE_MS;
    return without([{ from, to: end }], silences(attempt, outages, 0));
  });
}

function aliveSpans(attempts: readonly Attempt[], outages: Outages, graceMs: number): Span[] {
  const exchanges = attempts
    .flatMap((attempt) => {
      const { readyAt, endedAt, how, lateMs, expiresAt } = attempt;
      if (readyAt === null) return [];
      const byServer = how === 'expired' || how === 'closed by server';
      const seenEnd = (endedAt ?? Infinity) - (byServer ? SEEN_LATE_MS + 3 * lateMs : 0);
      const end = Math.min(seenEnd, expiresAt);
      const atOnce = how === 'clean' || how === 'expired';
      return without([{ from: readyAt, to: end }], silences(attempt, outages, graceMs)).map(
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
      // Who says bye does so for the graces of the connections before as well.
      last.within = to > last.to ? within : Math.max(last.within, within);
      last.to = Math.max(last.to, to);
    } else alive.push({ from, to, within });
  }
  return alive;
}

/** When no frame can have been exchanged by it; what died does not come back with its process. */
function silences(
  { startedAt, node, blocked }: Attempt,
  outages: Outages,
  graceMs: number,
): Span[] {
  const awake = ({ from, to }: Span): Span => ({
    from,
    to: to - from < graceMs ? to : to + WAKING_MS,
  });
  const ofNode = (outages[node] ?? []).map((outage) =>
    outage.kind !== 'paused' && startedAt < outage.from
      ? { from: outage.from, to: Infinity }
      : awake(outage),
  );
  return [...blocked.map(awake), ...ofNode];
}

/** When the last sign of an attempt came to an end; Infinity while it lasts. */
function goneAt({ endedAt, lateMs }: Attempt): number {
  return endedAt === null ? Infinity : endedAt + lateMs;
}

function absences(attempts: readonly Attempt[], outages: Outages, bounds: Bounds): Absence[] {
  const trying = merged(
    attempts.map((attempt) => ({ from: attempt.startedAt, to: goneAt(attempt) })),
  );
  return trying.flatMap(({ to: from }, index) => {
    if (from === Infinity) return [];
    const ended = attempts.filter((attempt) => goneAt(attempt) <= from);
    const deadline = Math.max(...ended.map((attempt) => deadlineOf(attempt, outages, bounds)));
    const last = ended.findLast((attempt) => goneAt(attempt) === from);
    const lost = outages[last?.node ?? 0]?.some(
      (outage) => outage.from <= from + bounds.graceMs && outage.to >= from,
    );
    const lingering = ended.some(
      (attempt) => attempt !== last && goneAt(attempt) > from - bounds.stalenessMs,
    );
    const how = lost === true ? 'node_lost' : lingering ? 'several' : howOf(last);
    return [{ from, to: trying[index + 1]?.from ?? Infinity, deadline, how }];
  });
}

/** How the others learned of an end: what a client said while nothing got through, nobody heard. */
function howOf(attempt: Attempt | undefined): Ending {
  const { endedAt, how, blocked } = attempt ?? { endedAt: 0, how: null, blocked: [] };
  const unheard = blocked.some(({ from, to }) => from <= (endedAt ?? 0) && (endedAt ?? 0) <= to);
  return unheard ? 'silent' : (how ?? 'closed by server');
}

/**
 * Until when the Connection of an attempt that ended may count. A pause of its node delays what that node does;
 * where the node is lost, the others have their time for that; where nobody ran, time counts from when somebody did.
 */
function deadlineOf(
  attempt: Attempt,
  outages: Outages,
  { stalenessMs, nodeLostMs }: Bounds,
): number {
  const gone = goneAt(attempt);
  let deadline = gone + stalenessMs;
  for (const { from, to, kind } of outages[attempt.node] ?? []) {
    if (from > deadline || to < gone) continue;
    const delayed = kind === 'paused' ? deadline + Math.min(to - from, LEASE_MS) : deadline;
    // A handshake that waited at a node that was paused is news to it when it wakes.
    const anew = kind === 'paused' && attempt.readyAt === null ? to + WAKING_MS + stalenessMs : 0;
    deadline = Math.max(delayed, from + nodeLostMs, anew);
  }
  const [first = [], ...others] = outages;
  for (const dark of others.reduce<Span[]>(common, merged(first))) {
    if (dark.from <= deadline && dark.to >= gone)
      deadline = Math.max(deadline, dark.to + nodeLostMs);
  }
  return deadline;
}
