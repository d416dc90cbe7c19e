/** Takes back what was to run later. */
export type Cancel = () => void;

/** Time, for tests to hold in their hands. */
export interface Clock {
  /** Milliseconds since some moment, never going back. */
  monotonic(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  /** Runs something once after `ms` milliseconds. */
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
