import type {
  EventStore,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#event-store';

/** Follows a subscription in the background and keeps its messages, so that a test can wait for them. */
export class Follower {
  readonly messages: SubscriptionMessage[] = [];
  /** Settles when the subscription ends; rejects with its error. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  #finished = false;

  constructor(
    store: EventStore,
    options: Omit<SubscribeOptions, 'signal'> = {},
    handle: (message: SubscriptionMessage) => Promise<void> = () => Promise.resolve(),
  ) {
    this.ended = this.#follow(store, options, handle);
    // A waiting test gets the failure from `until`.
    this.ended.catch(() => undefined);
  }

  /** Events delivered so far; with arguments, only events of these streams. */
  events(...streams: readonly string[]): RecordedEvent[] {
    return this.messages
      .flatMap((message) => (message.kind === 'event' ? [message.event] : []))
      .filter(({ stream }) => streams.length === 0 || streams.includes(stream));
  }

  get caughtUp(): boolean {
    return this.messages.some(({ kind }) => kind === 'caughtUp');
  }

  /** Waits until the messages satisfy a condition; rejects if the subscription ends before that. */
  async until(condition: (follower: Follower) => boolean): Promise<void> {
    while (!condition(this)) {
      if (this.#finished) {
        await this.ended;
        throw new Error('The subscription ended early');
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Aborts the subscription and waits for its end. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  async #follow(
    store: EventStore,
    options: SubscribeOptions,
    handle: (message: SubscriptionMessage) => Promise<void>,
  ): Promise<void> {
    try {
      for await (const message of store.subscribe({ ...options, signal: this.#abort.signal })) {
        this.messages.push(message);
        this.#wake();
        await handle(message);
      }
    } finally {
      this.#finished = true;
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Position of the log that a message has reached. */
export function positionOf(message: SubscriptionMessage): string | null {
  return message.kind === 'event' ? message.event.position : message.position;
}
