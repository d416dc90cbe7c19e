import type { Position } from '#event-store';
import { usersProjection, type UsersState } from '#read-model';
import type { LogEvent } from './log-feed.ts';

interface Tracked {
  /** Null while nothing is known: the key is being seeded, or there is nothing. */
  state: UsersState | null;
  /** Place up to which `state` already holds everything; events up to there are not folded again. */
  position: Position | null;
  /** Events that came while seeding; null once seeded. */
  waiting: Waiting[] | null;
  users: number;
}

/** An event that came while its key was being seeded, with what it would have looked up then. */
interface Waiting {
  readonly event: LogEvent;
  readonly seen: ReadonlyMap<string, UsersState | null>;
}

/**
 * Fold states that are kept up to date in memory by the same pure function that builds the read model, for as
 * long as somebody uses them. Between asking for a seed and getting it the log goes on: what comes meanwhile is
 * kept and folded onto the seed.
 */
export class TrackedStates {
  readonly #tracked = new Map<string, Tracked>();

  get(key: string): UsersState | null {
    return this.#tracked.get(key)?.state ?? null;
  }

  /** Uses a key; true while it has yet to be seeded. */
  retain(key: string): boolean {
    const tracked = this.#tracked.get(key);
    if (tracked === undefined) {
      this.#tracked.set(key, { state: null, position: null, waiting: [], users: 1 });
      return true;
    }
    tracked.users += 1;
    return tracked.waiting !== null;
  }

  release(key: string): void {
    const tracked = this.#tracked.get(key);
    if (tracked === undefined) return;
    tracked.users -= 1;
    if (tracked.users === 0) this.#tracked.delete(key);
  }

  /**
   * What is known of a key may lack an event: it has to be seeded again, and stays as it is until then. False where
   * nobody uses it, or it is being seeded anyway.
   */
  unsettle(key: string): boolean {
    const tracked = this.#tracked.get(key);
    if (tracked?.waiting !== null) return false;
    tracked.waiting = [];
    return true;
  }

  /** Takes the state of a key as of `position`, and folds what came later. */
  seed(key: string, state: UsersState | null, position: Position | null): void {
    const tracked = this.#tracked.get(key);
    const waiting = tracked?.waiting ?? null;
    if (tracked === undefined || waiting === null) return;
    Object.assign(tracked, { state, position, waiting: null });
    for (const { event, seen } of waiting) this.#foldInto(tracked, event, seen);
  }

  /** Folds an event; true when it changed a state that is seeded. */
  fold(event: LogEvent): boolean {
    const tracked = this.#tracked.get(event.stream);
    if (tracked === undefined) return false;
    if (tracked.waiting === null) return this.#foldInto(tracked, event);
    const keys = usersProjection.lookups(event.event);
    tracked.waiting.push({ event, seen: new Map(keys.map((key) => [key, this.get(key)])) });
    return false;
  }

  #foldInto(tracked: Tracked, event: LogEvent, seen?: Waiting['seen']): boolean {
    if (event.position <= (tracked.position ?? '')) return false;
    const lookup = (key: string): UsersState | null => seen?.get(key) ?? this.get(key);
    tracked.state = usersProjection.evolve(tracked.state, event, lookup);
    tracked.position = event.position;
    return true;
  }
}
