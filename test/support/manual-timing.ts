import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from './manual-clock.ts';

/** Milliseconds of a step: shorter than any wait of the code under test. */
const STEP_MS = 50;

/** Waits on a clock that moves only when a test moves it; see `Timing`. */
export class ManualTiming {
  readonly #clock = new ManualClock();

  readonly monotonic = (): number => this.#clock.monotonic();

  readonly delay = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  };

  /** Moves time forward in small steps, and lets everything run that is due at each. */
  async pass(ms: number): Promise<void> {
    await nextTurn();
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.#clock.pass(Math.min(STEP_MS, ms - passed));
      await nextTurn();
    }
  }

  /** Moves time forward at once, as for a process that was paused. */
  async jump(ms: number): Promise<void> {
    this.#clock.pass(ms);
    await nextTurn();
  }
}
