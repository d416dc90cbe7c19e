/** Called with what an event carries. What it returns is ignored, but for a promise that rejects: see {@link Report}. */
export type Listener<Payload> = (payload: Payload) => unknown;

/** Is told what a listener threw, or rejected with. */
export type Report = (error: unknown) => void;

interface Subscription<Payload> {
  readonly listener: Listener<Payload>;
  readonly once: boolean;
}

type Subscriptions<Events> = {
  [Name in keyof Events]?: readonly Subscription<Events[Name]>[];
};

/**
 * Events by name, each with one payload. A listener that throws is reported and disturbs nobody; one that is added or
 * removed while an event is emitted counts from the next one on.
 */
export class Emitter<Events extends object> {
  readonly #report: Report;
  #subscriptions: Subscriptions<Events> = {};

  constructor(report: Report) {
    this.#report = report;
  }

  add<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    { once = false } = {},
  ): void {
    this.#subscriptions[name] = [...(this.#subscriptions[name] ?? []), { listener, once }];
  }

  /** Takes a listener out that was added last, where it was added several times. */
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

  #drop<Name extends keyof Events>(name: Name, gone: Subscription<Events[Name]>): void {
    this.#subscriptions[name] = (this.#subscriptions[name] ?? []).filter((each) => each !== gone);
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
