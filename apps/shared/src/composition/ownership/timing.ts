import { setTimeout as sleep } from 'node:timers/promises';

/** A monotonic clock in milliseconds, and a wait on it. */
export interface Timing {
  readonly monotonic: () => number;
  /** Settles after `ms`, or once the signal aborts. */
  readonly delay: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export const systemTiming: Timing = {
  monotonic: () => performance.now(),
  delay: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
};
