import type { Interval } from './intervals.ts';

/** `is_online` of one User as a watcher or a read reported it. */
export type OnlineState = boolean | null;

/** An interval in which a watcher showed the same state of one User. */
export interface View extends Interval {
  readonly watcher: string;
  readonly user: string;
  readonly isOnline: OnlineState;
  /** Whether it came with a snapshot, which is made from the read model. */
  readonly isSnapshot: boolean;
}

/** The answer to one request about all Users, sent at `from` and answered at `to`. */
export interface Reading extends Interval {
  readonly node: number;
  readonly users: ReadonlyMap<string, { readonly isOnline: OnlineState; readonly version: string }>;
}

/** Records what every watcher and every read showed, and when. */
export class Observations {
  readonly #open = new Map<string, View>();
  readonly #views: View[] = [];
  readonly readings: Reading[] = [];

  /** Records that a watcher shows a new state; undefined when it stops showing the User. */
  record(
    watcher: string,
    user: string,
    isOnline: OnlineState | undefined,
    isSnapshot: boolean,
  ): void {
    const key = `${watcher}\0${user}`;
    const now = Date.now();
    const before = this.#open.get(key);
    if (before !== undefined) this.#views.push({ ...before, to: now });
    if (isOnline === undefined) this.#open.delete(key);
    else this.#open.set(key, { watcher, user, isOnline, isSnapshot, from: now, to: now });
  }

  /** Everything that watchers showed until the given time. */
  views(until: number): View[] {
    return [...this.#views, ...[...this.#open.values()].map((view) => ({ ...view, to: until }))];
  }
}
