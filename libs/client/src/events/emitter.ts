/** Receives the payload of an event. Its result is ignored, except a promise that rejects: see {@link ErrorReporter}. */
export type Listener<Payload> = (payload: Payload) => unknown;

/** Receives errors that listeners throw or reject with. */
export type ErrorReporter = (error: unknown) => void;

interface Subscription<Payload> {
  readonly listener: Listener<Payload>;
  readonly once: boolean;
}

type Subscriptions<Events> = {
  [Name in keyof Events]?: readonly Subscription<Events[Name]>[];
};

/**
 * Emits events by name, each with one payload. An error of a listener is reported and does not stop other listeners. A
 * listener added or removed during an event takes effect from the next event on.
 */
export class Emitter<Events extends object> {
  readonly #report: ErrorReporter;
  #subscriptions: Subscriptions<Events> = {};

  constructor(report: ErrorReporter) {
    this.#report = report;
  }

  add<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    { once = false } = {},
  ): void {
    this.#subscriptions[name] = [...(this.#subscriptions[name] ?? []), { listener, once }];
  }

  /** Removes a listener. If it was added several times, only the last addition is removed. */
  remove<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void {
    const all = this.#subscriptions[name] ?? [];
    const index = all.findLastIndex((subscription) => subscription.listener === listener);
    if (index >= 0) this.#subscriptions[name] = all.filter((_, at) => at !== index);
  }

  /** Removes all listeners of all events. */
  clear(): void {
    this.#subscriptions = {};
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const subscription of this.#subscriptions[name] ?? []) {
      if (subscription.once) this.#drop(name, subscription);
      this.#call(subscription.listener, payload);
    }
  }

  #drop<Name extends keyof Events>(name: Name, dropped: Subscription<Events[Name]>): void {
    this.#subscriptions[name] = (this.#subscriptions[name] ?? []).filter(
      (each) => each !== dropped,
    );
  }

  #call<Payload>(listener: Listener<Payload>, payload: Payload): void {
    try {
      const returned = listener(payload);
      if (returned instanceof Promise) returned.catch(this.#report);
    } catch (error) {
      this.#report(error);
    }
  }
}
