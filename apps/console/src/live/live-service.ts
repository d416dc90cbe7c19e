import type { FeedEvent, UserChanged } from '#client/changes/index';
import type { LiveAnswer } from '../api/schemas.ts';
import type { Answers } from './answers.ts';

/** How current the answers are. */
export interface LiveState {
  /** Whether changes arrive as they happen. */
  readonly isLive: boolean;
  /** Rises whenever all answers have to be asked for again. */
  readonly generation: number;
}

/** The Users of a Service as far as they are shown, kept current by its change feed. */
export class LiveService {
  readonly answers: Answers;
  #state: LiveState = { isLive: false, generation: 0 };
  #version: string | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #onServiceChanged: () => void;

  constructor(answers: Answers, onServiceChanged: () => void) {
    this.answers = answers;
    this.#onServiceChanged = onServiceChanged;
  }

  /** Version of the last event; null before the first. */
  get version(): string | null {
    return this.#version;
  }

  get state(): LiveState {
    return this.#state;
  }

  setLive(isLive: boolean): void {
    if (isLive !== this.#state.isLive) this.#setState({ ...this.#state, isLive });
  }

  /** Takes an event of the change feed, in its order. */
  apply(event: FeedEvent): void {
    this.#version = event.version;
    if (event.type === 'change') this.answers.update(toAnswer(event));
    else if (event.type === 'gone') this.answers.remove(event.sid);
    else this.#expire();
    if (event.type === 'service') this.#onServiceChanged();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What was asked for before the feed began may have changed meanwhile, and a flag concerns every User. */
  #expire(): void {
    this.answers.expire();
    this.#setState({ ...this.#state, generation: this.#state.generation + 1 });
  }

  #setState(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function toAnswer(change: UserChanged): LiveAnswer {
  return {
    sid: change.sid,
    identity: change.identity,
    is_online: change.isOnline,
    is_notifiable: change.isNotifiable,
    reason_code: change.reasonCode,
    since: change.since,
    last_online: change.lastOnline,
    open_connections: change.openConnections,
    version: change.version,
  };
}
