import type { ChangeSource } from '#shared/use-cases/change-signals';
import type { WorkSignal } from './background-loop.ts';

/** Work that a source of changes tells of, and whether it does at present. */
export class ToldWork implements WorkSignal {
  readonly #listeners: (() => void)[] = [];
  #isTold = false;

  /** @param source null where nothing tells of work */
  constructor(source: ChangeSource<void> | null) {
    const setTold = (isTold: boolean): void => {
      this.#isTold = isTold;
      this.#move();
    };
    source?.({
      onChange: () => this.#move(),
      onListening: () => setTold(true),
      onLost: () => setTold(false),
    });
  }

  get isTold(): boolean {
    return this.#isTold;
  }

  onMove(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #move(): void {
    for (const listener of this.#listeners) listener();
  }
}
