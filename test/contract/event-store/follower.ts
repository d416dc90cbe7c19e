import type {
  EventStore,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#event-store';

/** Follows a subscription in the background and keeps what came, so that a test can wait for it. */
export class Follower {
  readonly messages: SubscriptionMessage[] = [];
  /** Settles when the subscription ends: rejects with its error. */
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
    // A test that waits for something else learns of the failure from `until`.
    this.ended.catch(() => undefined);
  }

  /** Events delivered so far, of these streams where given. */
  events(...streams: readonly string[]): RecordedEvent[] {
    return this.messages
      .flatMap((message) => (message.kind === 'event' ? [message.event] : []))
      .filter(({ stream }) => streams.length === 0 || streams.includes(stream));
  }

  get caughtUp(): boolean {
    return this.messages.some(({ kind }) => kind === 'caughtUp');
  }

  /** Waits until the messages so far satisfy a condition; rejects when the subscription ends before they do. */
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

/** Place that a message vouches for. */
export function placeOf(message: SubscriptionMessage): string | null {
  return message.kind === 'event' ? message.event.position : message.position;
}
