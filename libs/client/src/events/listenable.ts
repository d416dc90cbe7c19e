import type { Emitter, Listener } from './emitter.ts';

/** Something that others can listen to, and that only its maker can make speak. */
export class Listenable<Events extends object> {
  readonly #emitter: Emitter<Events>;

  constructor(emitter: Emitter<Events>) {
    this.#emitter = emitter;
  }

  /** Calls the listener at each event of this name. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.add(name, listener);
    return this;
  }

  /** Calls the listener at the next event of this name only. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.add(name, listener, { once: true });
    return this;
  }

  /** Calls the listener no more. */
  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#emitter.remove(name, listener);
    return this;
  }
}
