import type { Interval } from './intervals.ts';

/** An interval in which a User had no Connection. Until `deadline` it may still be shown online. */
export interface Absence extends Interval {
  readonly deadline: number;
  /** Why the last Connection ended; `several` if another one ended shortly before and may still count. */
  readonly cause: string;
}

/**
 * Expected state of one User. It decides only clear cases: where a client may or may not have reached a server, both
 * states are accepted.
 */
export class ExpectedUser {
  /** When the User must be shown online, after the time for it to become visible. */
  readonly alive: readonly Interval[];
  readonly absences: readonly Absence[];
  readonly #visibleMs: number;

  constructor(alive: readonly Interval[], absences: readonly Absence[], visibleMs: number) {
    this.alive = alive;
    this.absences = absences;
    this.#visibleMs = visibleMs;
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
