import { errorMessage, type DomainEvent } from '#domain';
import {
  assertNotRestored,
  backOff,
  OUTAGE_RETRY,
  EventStoreError,
  EventStoreUnavailableError,
  hasReached,
  type BackOff,
  type EventStore,
  type Position,
  type RecordedEvent,
  type SubscriptionMessage,
} from '#event-store';
import { batches } from './batches.ts';
import { isSameCheckpoint, type Changes, type Checkpoint } from './projection-store.ts';
import type { DeadLetter, EventRef } from './dead-letter.ts';
import { Fold } from './fold.ts';
import { learnLastEvent } from './learn-last-event.ts';
import { lastEventOf, reachedPosition } from './message-batch.ts';
import { ProjectionError } from './projection-error.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { Projection } from './projection.ts';
import { waitForLook } from './wait-for-look.ts';
import { QUIET, withQuiet } from './with-quiet.ts';

type FollowedLog = Pick<EventStore, 'subscribe' | 'eventIdAt' | 'head'>;

/** `standby`: another runner moves the checkpoint. `down`: see `RunnerStatus.error`. */
export type RunnerState = 'stopped' | 'catchingUp' | 'live' | 'standby' | 'down';

export interface RunnerStatus {
  readonly state: RunnerState;
  readonly position: Position | null;
  /** Why the projection is down; null while it is not. */
  readonly error: string | null;
  /** What is out of reach while the projection is down: the log, or the store of its rows. */
  readonly unavailable?: 'log' | 'store' | undefined;
}

export interface RunnerOptions {
  /** Maximum number of messages in one transaction; 1,000 by default. */
  readonly batchSize?: number;
  /** Delays between attempts while down. */
  readonly retry?: BackOff;
  /** Delays between looks at the checkpoint while on standby; each takes half of its length at least. */
  readonly standby?: BackOff;
  /** Attempts at an event that cannot be folded before it becomes a dead letter; 4 by default. */
  readonly poisonAttempts?: number;
  /**
   * States that stay in memory between two commits, so as not to be loaded again; 5,000 by default. Set 0 where a state
   * that was written is not the one to go on from: the log leaves events out, or a state says what the write was for.
   */
  readonly cachedStates?: number;
  /**
   * Milliseconds without a message after which the runner looks whether the store still has its last commit; 5,000 by
   * default. A database that failed over to a replica may have lost it, and no commit would find that out.
   */
  readonly confirmAfterMs?: number;
  /**
   * Called when the events of a batch are folded and written.
   *
   * @param startedAt when the runner began to fold them, in milliseconds since 1970
   */
  readonly onCommitted?: (events: readonly RecordedEvent[], startedAt: number) => void;
  /** Called at every state change and every commit. */
  readonly onStatus?: (status: RunnerStatus) => void;
}

/** What a batch of messages has to write. */
interface FoldedMessages<State> {
  /** The same object as before where the batch moves nothing. */
  readonly checkpoint: Checkpoint;
  readonly changes: Changes<State>;
  readonly deadLetters: readonly DeadLetter[];
  readonly isCaughtUp: boolean;
}

const POISON_ATTEMPTS = 4;
const CACHED_STATES = 5_000;
const CONFIRM_AFTER_MS = 5_000;
const STANDBY: BackOff = { baseMs: 500, capMs: 1_500 };

/**
 * Keeps one projection up to date until stopped. Any number of runners may work on the same projection: commits
 * compare and set the checkpoint, so each event takes effect once. A runner that loses the comparison goes on
 * standby: it only looks at the checkpoint, and takes over when that is behind the log and does not move. While a commit is
 * under way, the runner reads and folds the next batch; so the database and this thread work at the same time.
 */
export class ProjectionRunner<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #log: FollowedLog;
  readonly #store: ProjectionStore<State>;
  readonly #options: RunnerOptions;
  readonly #abort = new AbortController();
  #status: RunnerStatus = { state: 'stopped', position: null, error: null };
  #running: Promise<void> | null = null;
  #blockedKeys = new Set<string>();
  #skipped: readonly EventRef[] = [];
  /**
   * Its states are those of the store for as long as commits succeed: each compares the checkpoint with that of the commit
   * before, and so finds whatever another process wrote between them.
   */
  #fold: Fold<State, Event> | null = null;
  readonly #poisonAttempts: number;
  /** Failed attempts at the same event. Every commit resets it. */
  #poisonFailures = 0;
  #failures = 0;

  constructor(
    projection: Projection<State, Event>,
    log: FollowedLog,
    store: ProjectionStore<State>,
    options: RunnerOptions = {},
  ) {
    this.#projection = projection;
    this.#log = log;
    this.#store = store;
    this.#options = options;
    this.#poisonAttempts = options.poisonAttempts ?? POISON_ATTEMPTS;
  }

  get status(): RunnerStatus {
    return this.#status;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the current transaction, then stops. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        if ((await this.#follow()) === 'stopped') break;
        await this.#standBy();
      } catch (error) {
        this.#failures += 1;
        if (error instanceof ProjectionError) this.#poisonFailures += 1;
        this.#report({
          state: 'down',
          error: errorMessage(error),
          unavailable: unavailableIn(error),
        });
        await this.#reportDown(error);
        await backOff(this.#options.retry ?? OUTAGE_RETRY, this.#failures, signal);
      }
    }
    this.#report({ state: 'stopped', error: null, unavailable: undefined });
  }

  /** Works until stopped or until another runner has moved the checkpoint. */
  async #follow(): Promise<'stopped' | 'overtaken'> {
    const { signal } = this.#abort;
    this.#fold = null;
    let checkpoint = await learnLastEvent(this.#log, this.#store);
    await assertNotRestored(this.#log, checkpoint.lastEvent, `projection ${this.#projection.name}`);
    const { blockedKeys, skipped } = await this.#store.deadLetters();
    this.#blockedKeys = new Set(blockedKeys);
    this.#skipped = skipped;
    this.#report({
      state: 'catchingUp',
      position: checkpoint.position,
      error: null,
      unavailable: undefined,
    });
    const { position } = checkpoint;
    const subscribe = (signal: AbortSignal): AsyncIterable<SubscriptionMessage> =>
      this.#log.subscribe({ after: position, signal });
    const { batchSize = 1_000, confirmAfterMs = CONFIRM_AFTER_MS } = this.#options;
    const leaving = new AbortController();
    const ended = AbortSignal.any([signal, leaving.signal]);
    let commit = Promise.resolve(true);
    try {
      for await (const batch of withQuiet(batches(subscribe, batchSize, ended), confirmAfterMs)) {
        if (batch === QUIET) {
          const isOurs = await commit;
          if (isOurs && isSameCheckpoint(await this.#store.checkpoint(), checkpoint)) continue;
          leaving.abort();
          return 'overtaken';
        }
        // A new fold takes its states from the store. One that goes on has those that the commit under way writes.
        if (this.#fold === null && !(await commit)) return 'overtaken';
        this.#fold ??= this.#foldFrom(checkpoint);
        const events = eventsOf(batch);
        const startedAt = Date.now();
        const added = this.#fold.add(events);
        await Promise.allSettled([commit, added]);
        // In this order: where the commit has failed, the fold may have failed for that.
        if (!(await commit)) return 'overtaken';
        await added;
        const folded = this.#takeFolded(this.#fold, batch, checkpoint);
        commit = this.#commit(folded, checkpoint);
        // The next message, which would find out, may not come for long.
        commit.then(
          (isCommitted) => {
            if (isCommitted) this.#options.onCommitted?.(events, startedAt);
            else leaving.abort();
          },
          () => leaving.abort(),
        );
        checkpoint = folded.checkpoint;
        if (signal.aborted) break;
      }
      if (!(await commit)) return 'overtaken';
    } finally {
      // Whoever goes on reads the checkpoint, which must not move after that.
      await Promise.allSettled([commit]);
    }
    if (signal.aborted) return 'stopped';
    throw new Error('The subscription ended unexpectedly');
  }

  /**
   * Settles once the checkpoint is behind the log and has not moved from one look to the next. The reason does not
   * matter: its owner may be killed, stopped, or cut off from one of the two stores.
   */
  async #standBy(): Promise<void> {
    const { signal } = this.#abort;
    let known = await this.#store.checkpoint();
    for (let looks = 1; ; looks += 1) {
      this.#report({ state: 'standby', position: known.position });
      const head = await this.#log.head();
      await waitForLook(this.#options.standby ?? STANDBY, looks, signal);
      if (signal.aborted) return;
      const found = await this.#store.checkpoint();
      if (isSameCheckpoint(found, known) && !hasReached(found.position, head)) return;
      known = found;
    }
  }

  /**
   * Takes from the fold what it has to write. The fold goes on as if that were written: it is dropped if the commit fails.
   */
  #takeFolded(
    fold: Fold<State, Event>,
    batch: readonly SubscriptionMessage[],
    before: Checkpoint,
  ): FoldedMessages<State> {
    const { deadLetters } = fold;
    const checkpoint = {
      ...fold.checkpoint,
      position: reachedPosition(batch, before.position),
      lastEvent: lastEventOf(batch) ?? before.lastEvent,
    };
    const isCaughtUp = batch.some(({ kind }) => kind === 'caughtUp');
    if (checkpoint.position === before.position) {
      return { checkpoint: before, changes: [], deadLetters, isCaughtUp };
    }
    const changes = fold.changes();
    const { cachedStates = CACHED_STATES } = this.#options;
    fold.markWritten(cachedStates);
    // The next event that cannot be folded gets all its attempts, too.
    if (this.#poisonFailures > 0 || cachedStates === 0) this.#fold = null;
    return { checkpoint, changes, deadLetters, isCaughtUp };
  }

  /** Returns false if another runner has moved the checkpoint. */
  async #commit(
    { checkpoint, changes, deadLetters, isCaughtUp }: FoldedMessages<State>,
    before: Checkpoint,
  ): Promise<boolean> {
    if (checkpoint !== before) {
      if (!(await this.#store.commit(before, checkpoint, changes, { added: deadLetters }))) {
        return false;
      }
      for (const { key } of deadLetters) this.#blockedKeys.add(key);
      this.#poisonFailures = 0;
      this.#failures = 0;
    }
    const state = isCaughtUp ? 'live' : this.#status.state;
    this.#report({ state, position: checkpoint.position, error: null, unavailable: undefined });
    return true;
  }

  #foldFrom(checkpoint: Checkpoint): Fold<State, Event> {
    const load = (keys: readonly string[]): Promise<Map<string, State>> => this.#store.load(keys);
    return new Fold(this.#projection, load, checkpoint, {
      onPoison: this.#poisonFailures >= this.#poisonAttempts ? 'deadLetter' : 'stop',
      blockedKeys: this.#blockedKeys,
      skipped: this.#skipped,
    });
  }

  /** Best effort: the cause of the failure may also prevent this write. */
  async #reportDown(reason: unknown): Promise<void> {
    try {
      await this.#store.reportDown(errorMessage(reason));
    } catch (error) {
      this.#report({
        error: `${errorMessage(reason)}; recording this failed: ${errorMessage(error)}`,
      });
    }
  }

  #report(change: Partial<RunnerStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus?.(this.#status);
  }
}

function eventsOf(batch: readonly SubscriptionMessage[]): readonly RecordedEvent[] {
  return batch.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
}

/** Returns what the error says is out of reach; undefined where an event or the log itself is wrong. */
function unavailableIn(error: unknown): RunnerStatus['unavailable'] {
  if (error instanceof EventStoreUnavailableError) return 'log';
  return error instanceof ProjectionError || error instanceof EventStoreError ? undefined : 'store';
}
