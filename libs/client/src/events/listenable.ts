import type { Emitter, Listener } from './emitter.ts';

/** Base class that lets others listen to events. Only the owner of the emitter can emit them. */
export class Listenable<Events extends object> {
  readonly #emitter: Emitter<Events>;

  constructor(emitter: Emitter<Events>) {
    this.#emitter = emitter;
  }

  /** Calls the listener at each event with this name. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.add(name, listener);
    return this;
  }

  /** Calls the listener at the next event with this name only. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.add(name, listener, { once: true });
    return this;
  }

  /** Removes the listener. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.remove(name, listener);
    return this;
  }
}
