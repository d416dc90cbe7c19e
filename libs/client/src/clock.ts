/** Cancels a timer. */
export type Cancel = () => void;

/** Source of time that tests can replace. */
export interface Clock {
  /** Milliseconds since an arbitrary moment. Never goes back. */
  monotonic(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Calls `run` once after `ms` milliseconds. */
  after(ms: number, run: () => void): Cancel;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
