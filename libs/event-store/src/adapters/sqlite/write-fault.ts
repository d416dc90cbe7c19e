import type { DatabaseSync } from 'node:sqlite';
import { isBusy, isStorageFault, reasonOf } from './sqlite-errors.ts';

/** Milliseconds between two checks whether a file can be written again. */
const PROBE_EVERY_MS = 1_000;

/** Milliseconds to wait for a lock that another process has held for longer than the busy timeout. */
const HELD_LOCK_WAIT_MS = 100;

interface Fault {
  readonly reason: string;
  readonly isLock: boolean;
  readonly nextProbeAt: number;
}

/**
 * Why a file cannot be written at present. A lock held by another process is tried again by every write, with a short
 * wait. A fault of the storage refuses every write until a check finds that it is gone: each attempt could take long.
 */
export class WriteFault {
  readonly #db: DatabaseSync;
  readonly #busyTimeoutMs: number;
  #fault: Fault | null = null;

  /** @param busyTimeoutMs how long to wait for another process's lock while the file can be written */
  constructor(db: DatabaseSync, busyTimeoutMs: number) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** Such as "database or disk is full"; null while the file can be written. */
  get reason(): string | null {
    return this.#fault?.reason ?? null;
  }

  /** True while a write need not be tried. */
  get refusesWrites(): boolean {
    return this.#fault?.isLock === false;
  }

  /** How long the next write waits for another process's lock, in milliseconds. */
  get lockWaitMs(): number {
    return this.#fault === null
      ? this.#busyTimeoutMs
      : Math.min(HELD_LOCK_WAIT_MS, this.#busyTimeoutMs);
  }

  /** Milliseconds until {@link probe} checks the file; null while the file can be written. */
  get probeInMs(): number | null {
    return this.#fault === null ? null : Math.max(0, this.#fault.nextProbeAt - performance.now());
  }

  /**
   * Records why a write failed; returns whether the file cannot be written for now.
   *
   * @param probeInMs a check at once is for an error that may concern one request only, such as a page it cannot read
   */
  note(error: unknown, probeInMs = PROBE_EVERY_MS): boolean {
    if (!isBusy(error) && !isStorageFault(error)) return false;
    this.#set(error, probeInMs);
    return true;
  }

  /** Records that a write succeeded. */
  clear(): void {
    this.#fault = null;
  }

  /** Checks whether the file can be written again, unless it has just been checked. */
  probe(): void {
    if (this.probeInMs !== 0) return;
    try {
      // A number in the header that nothing reads. SQLite writes its page although the number stays the same.
      this.#db.exec('PRAGMA user_version = 0');
      this.#fault = null;
    } catch (error) {
      this.#set(error, PROBE_EVERY_MS);
    }
  }

  #set(error: unknown, probeInMs: number): void {
    const nextProbeAt = performance.now() + probeInMs;
    this.#fault = { reason: reasonOf(error), isLock: isBusy(error), nextProbeAt };
  }
}
