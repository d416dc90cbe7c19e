import { isBusy } from './sqlite-errors.ts';

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Tries again, about twice a millisecond, while another connection holds the lock that `attempt` needs. SQLite's
 * own waiting backs off to a tenth of a second, and next to a busy process would miss each short moment in which
 * the lock is free; for a change of the journal mode it does not wait at all. Blocks the thread.
 *
 * @throws what `attempt` throws: any other error, or the last one once `timeoutMs` has passed
 */
export function waitWhileBusy(timeoutMs: number, attempt: () => unknown): void {
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
