import { errorMessage } from '#domain';
import {
  EventStoreUnavailableError,
  isSameOwner,
  type LogOwner,
  type LogOwnerStore,
} from '#event-store';
import { LogClaimLostError } from './log-claim-lost-error.ts';
import { CHECK_INTERVAL_MS } from './ownership-times.ts';
import { takeLog } from './take-log.ts';
import type { Timing } from './timing.ts';

/** How a process knows whether it is the last one of its owner. */
export interface ProcessCount {
  /** Whether this process is the last one. Others then wait until {@link leave}. */
  tryToBeLast(): boolean;
  leave(): void;
}

export interface LogClaimOptions {
  readonly store: LogOwnerStore;
  readonly self: LogOwner;
  /** Counts the processes of the owner; this one is counted in. */
  readonly count: ProcessCount;
  readonly timing: Timing;
  /** Called with one line for the operator. */
  readonly report: (line: string) => void;
}

/**
 * The right of this process to write to a log that other machines can reach. While it has the right, it looks at the
 * record of the log's owner once a second, and answers questions for a sign of life. While the store cannot be reached it
 * keeps the right: then nobody else can take it either.
 */
export class LogClaim {
  readonly #options: LogClaimOptions;
  readonly #lost = Promise.withResolvers<LogClaimLostError>();
  readonly #stopped = new AbortController();
  #checking: Promise<void> = Promise.resolve();
  #isLost = false;
  #canCheck = true;

  private constructor(options: LogClaimOptions) {
    this.#options = options;
  }

  /**
   * Takes the log for an owner; see {@link takeLog}. Counts the process out if that fails.
   *
   * @throws LogInUseError
   * @throws EventStoreError
   */
  static async take(options: LogClaimOptions): Promise<LogClaim> {
    const { store, self, count, timing, report } = options;
    try {
      await takeLog(store, self, timing, report);
    } catch (error) {
      count.leave();
      throw error;
    }
    const claim = new LogClaim(options);
    claim.#checking = claim.#keepChecking();
    return claim;
  }

  /** Settles when another owner has the log, or this one was forgotten: stop, and write nothing more. */
  get lost(): Promise<LogClaimLostError> {
    return this.#lost.promise;
  }

  /** Gives the right back. The last process of the owner records that it has left, so that the next owner need not wait. */
  async release(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    await this.#stopChecking();
    const { count, report } = this.#options;
    try {
      if (!this.#isLost && count.tryToBeLast()) await this.#recordLeft();
    } catch (error) {
      report(`Cannot record that the event store is no longer in use: ${errorMessage(error)}`);
    } finally {
      count.leave();
    }
  }

  /** Ends this claim, but the owner keeps the log: the same process takes it again, with stores that it opens anew. */
  async leaveToSuccessor(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    await this.#stopChecking();
    this.#options.count.leave();
  }

  async #stopChecking(): Promise<void> {
    this.#stopped.abort();
    await this.#checking;
  }

  async #keepChecking(): Promise<void> {
    const { signal } = this.#stopped;
    for (;;) {
      await this.#options.timing.delay(CHECK_INTERVAL_MS, signal);
      if (signal.aborted || this.#isLost) return;
      await this.#tryToCheck();
    }
  }

  async #tryToCheck(): Promise<void> {
    try {
      await this.#check();
      this.#canCheck = true;
    } catch (error) {
      // Whoever watches the stores reports that one is away.
      if (this.#canCheck && !(error instanceof EventStoreUnavailableError)) {
        this.#options.report(
          `Cannot see whether the event store is still in use here; retrying: ${errorMessage(error)}`,
        );
      }
      this.#canCheck = false;
    }
  }

  /** A record that another process has replaced meanwhile is seen at the next look. */
  async #check(): Promise<void> {
    const { store, self } = this.#options;
    const { record, revision } = await store.load();
    const isOwn = record !== null && isSameOwner(record.owner, self);
    if (record !== null && (!isOwn || record.status === 'forgotten')) {
      this.#isLost = true;
      this.#lost.resolve(new LogClaimLostError(record));
      return;
    }
    // The store lacks the record after an older copy of it was restored.
    if (record?.status === 'held' && record.question === null) return;
    await store.replace({ owner: self, status: 'held', question: null }, revision);
  }

  async #recordLeft(): Promise<void> {
    const { store, self } = this.#options;
    for (;;) {
      const { record, revision } = await store.load();
      if (record?.status !== 'held' || !isSameOwner(record.owner, self)) return;
      const left = { owner: self, status: 'left', question: null } as const;
      if ((await store.replace(left, revision)) !== null) return;
    }
  }
}
