import { isBusy } from './sqlite-errors.ts';

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Repeats `attempt`, about twice a millisecond, while another connection holds the lock that it needs. Blocks the
 * thread. SQLite's own busy handler backs off to a tenth of a second: next to a busy process it would miss the short
 * moments in which the lock is free. For a change of the journal mode it does not wait at all.
 *
 * @throws the error of `attempt`: at once if it is not a busy error, the last busy error after `timeoutMs`
 */
export function retryWhileBusy(timeoutMs: number, attempt: () => unknown): void {
  const start = performance.now();
  for (;;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() - start >= timeoutMs) throw error;
      Atomics.wait(sleeper, 0, 0, Math.random());
    }
  }
}
