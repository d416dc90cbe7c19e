import { setTimeout as delay } from 'node:timers/promises';
import type { Violation } from './checker.ts';

/** Time beyond the bound in which clients may still connect, in milliseconds. */
const SETTLE_MS = 60_000;

/** When everything that is shown agreed with what is expected, or the time for it ran out. */
export interface Agreement {
  readonly at: number;
  readonly expected: ReadonlyMap<string, boolean>;
  /** What was still shown otherwise. */
  readonly violations: readonly Violation[];
}

/** What has to agree. */
interface Shown {
  /** Whether no client is about to connect: that would be a change after the agreement. */
  isSettled(): boolean;
  expected(): ReadonlyMap<string, boolean>;
  disagreements(expected: ReadonlyMap<string, boolean>): Promise<Violation[]>;
}

/** Waits, up to `boundMs`, until exactly who is connected is shown online everywhere, and nobody is about to connect. */
export async function waitForAgreement(shown: Shown, boundMs: number): Promise<Agreement> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const isSettled = shown.isSettled();
    const expected = shown.expected();
    const at = Date.now();
    const violations = await shown.disagreements(expected);
    const isDone = isSettled && violations.length === 0;
    const isLate = Date.now() > (isSettled ? deadline : deadline + SETTLE_MS);
    if (isDone || isLate) return { at, expected, violations };
    await delay(500);
  }
}
