import type { NewerOperationalStateError } from '../../../errors.ts';
import type { StoreName } from '../store-classes.ts';

/** Data that the thread starts with. */
export interface StateThreadData {
  readonly path: string;
  /** Longest wait of one call for another process's lock. */
  readonly busyTimeoutMs: number;
}

/** One call of a store's method. */
export interface Call {
  readonly id: number;
  readonly store: StoreName;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Time of {@link monotonicNow} after which nobody waits for the result: the thread then leaves the call out. */
  readonly expiresAt: number;
}

/** Message to the thread; `close` makes it finish the calls that it has, close the file and end. */
export type ToStateThread = Call | 'close';

export type FromStateThread =
  | { readonly kind: 'opened' }
  /** The thread ends after this. `newer` where a newer program has written the file. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly newer: Pick<NewerOperationalStateError, 'found' | 'known'> | null;
    }
  | { readonly kind: 'returned'; readonly id: number; readonly value: unknown }
  /** `isUnavailable` where the file is the reason: locked, full, unreadable. */
  | {
      readonly kind: 'threw';
      readonly id: number;
      readonly reason: string;
      readonly isUnavailable: boolean;
    };

/** Milliseconds by a clock that all threads of the process share, and that changes of the system clock do not affect. */
export function monotonicNow(): number {
  return performance.timeOrigin + performance.now();
}
