import { object, parse, string } from 'valibot';
import { liveAnswerSchema } from '../api/schemas.ts';
import type { Answers } from './answers.ts';
import type { StreamEvent } from './event-stream.ts';

const goneSchema = object({ sid: string() });

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
  readonly #listeners = new Set<() => void>();
  readonly #onServiceChanged: () => void;

  constructor(answers: Answers, onServiceChanged: () => void) {
    this.answers = answers;
    this.#onServiceChanged = onServiceChanged;
  }

  get state(): LiveState {
    return this.#state;
  }

  setLive(isLive: boolean): void {
    if (isLive !== this.#state.isLive) this.#setState({ ...this.#state, isLive });
  }

  /** Takes events of the change feed, in its order. */
  apply(events: readonly StreamEvent[]): void {
    for (const { type, data } of events) {
      const content: unknown = JSON.parse(data);
      if (type === 'change') this.answers.update(parse(liveAnswerSchema, content));
      else if (type === 'gone') this.answers.remove(parse(goneSchema, content).sid);
      else if (type === 'service') this.#serviceChanged();
      // What was asked for before the feed began may have changed meanwhile.
      else if (type === 'start' || type === 'resync') this.#expire();
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #serviceChanged(): void {
    this.#expire();
    this.#onServiceChanged();
  }

  #expire(): void {
    this.answers.expire();
    this.#setState({ ...this.#state, generation: this.#state.generation + 1 });
  }

  #setState(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
