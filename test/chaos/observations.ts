import type { Span } from './spans.ts';

/** What a watcher or a read said of one User: true, false or null as in answers. */
export type Shown = boolean | null;

/** A stretch in which a watcher showed the same of one User. */
export interface View extends Span {
  readonly watcher: string;
  readonly user: string;
  readonly shown: Shown;
}

/** What one request about all Users was answered, asked at `from` and answered at `to`. */
export interface Reading extends Span {
  readonly node: number;
  readonly users: ReadonlyMap<string, { readonly shown: Shown; readonly version: string }>;
}

/** Everything that anybody was shown, with the times. */
export class Observations {
  readonly #open = new Map<string, View>();
  readonly #views: View[] = [];
  readonly readings: Reading[] = [];

  /** A watcher shows something else than before; undefined where it shows nothing any more. */
  shows(watcher: string, user: string, shown: Shown | undefined): void {
    const key = `${watcher}\0${user}`;
    const now = Date.now();
    const before = this.#open.get(key);
    if (before !== undefined) this.#views.push({ ...before, to: now });
    if (shown === undefined) this.#open.delete(key);
    else this.#open.set(key, { watcher, user, shown, from: now, to: now });
  }

  /** All that watchers showed until a moment. */
  views(until: number): View[] {
    return [...this.#views, ...[...this.#open.values()].map((view) => ({ ...view, to: until }))];
  }
}
