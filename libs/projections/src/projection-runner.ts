import type { DomainEvent } from '#domain';
import {
  backOff,
  type EventStore,
  type Position,
  type RetryPolicy,
  type SubscriptionMessage,
} from '#event-store';
import { batches } from './batches.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EventPlace, HeldEvent } from './dead-letter.ts';
import { foldBatch } from './fold-batch.ts';
import { ProjectionError } from './projection-error.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { Projection } from './projection.ts';

/** What a runner is doing. `standby`: another owner moves the checkpoint. `down`: see `error`. */
export type RunnerState = 'stopped' | 'catchingUp' | 'live' | 'standby' | 'down';

export interface RunnerStatus {
  readonly state: RunnerState;
  readonly position: Position | null;
  /** Why it is down, null while it is not. */
  readonly error: string | null;
}

export interface RunnerOptions {
  /** Most messages folded into one transaction; 1,000 by default. */
  readonly batchSize?: number;
  /** Waits between attempts while down, in milliseconds. */
  readonly retry?: RetryPolicy;
  /** Waits while standing by, in milliseconds. */
  readonly standby?: RetryPolicy;
  /** Attempts at an event that cannot be folded, before it is set aside; 4 by default. */
  readonly poisonAttempts?: number;
  /** Told of events set aside. */
  readonly onHeld?: (events: readonly HeldEvent[]) => void;
  /** Told of every state change and every commit. */
  readonly onStatus?: (status: RunnerStatus) => void;
}

const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 50, capMs: 5_000 };
const POISON_ATTEMPTS = 4;
const STANDBY: RetryPolicy = { attempts: Infinity, baseMs: 250, capMs: 2_000 };

/**
 * Keeps one projection up to date: catch up, then live, until stopped. Any number of runners may work on the same
 * projection: the compare-and-set of the checkpoint lets each event take effect once, and those that lose it
 * stand by and take over when the other falls silent.
 */
export class ProjectionRunner<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #log: Pick<EventStore, 'subscribe'>;
  readonly #rows: ProjectionStore<State>;
  readonly #options: RunnerOptions;
  readonly #abort = new AbortController();
  #status: RunnerStatus = { state: 'stopped', position: null, error: null };
  #running: Promise<void> | null = null;
  #heldKeys = new Set<string>();
  #skipped: readonly EventPlace[] = [];
  readonly #poisonAttempts: number;
  /** Attempts at one and the same event: whatever is committed in between was before it. */
  #poisonFailures = 0;
  #failures = 0;
  #lost = 0;

  constructor(
    projection: Projection<State, Event>,
    log: Pick<EventStore, 'subscribe'>,
    rows: ProjectionStore<State>,
    options: RunnerOptions = {},
  ) {
    this.#projection = projection;
    this.#log = log;
    this.#rows = rows;
    this.#options = options;
    this.#poisonAttempts = options.poisonAttempts ?? POISON_ATTEMPTS;
  }

  get status(): RunnerStatus {
    return this.#status;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Finishes the transaction under way and ends. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        if ((await this.#follow()) === 'stopped') break;
        this.#lost += 1;
        this.#report({ state: 'standby' });
        await backOff(this.#options.standby ?? STANDBY, this.#lost, signal);
      } catch (error) {
        this.#failures += 1;
        if (error instanceof ProjectionError) this.#poisonFailures += 1;
        this.#report({ state: 'down', error: describe(error) });
        await this.#noteDown(error);
        await backOff(this.#options.retry ?? RETRY, this.#failures, signal);
      }
    }
    this.#report({ state: 'stopped', error: null });
  }

  /** Works until stopped, or until another owner has moved the checkpoint. */
  async #follow(): Promise<'stopped' | 'outrun'> {
    const { signal } = this.#abort;
    let checkpoint = await this.#rows.checkpoint();
    const held = await this.#rows.holdings();
    this.#heldKeys = new Set(held.heldKeys);
    this.#skipped = held.skipped;
    this.#report({ state: 'catchingUp', position: checkpoint.position, error: null });
    const { position } = checkpoint;
    const subscribe = (signal: AbortSignal): AsyncIterable<SubscriptionMessage> =>
      this.#log.subscribe({ after: position, signal });
    for await (const batch of batches(subscribe, this.#options.batchSize ?? 1_000, signal)) {
      const next = await this.#project(batch, checkpoint);
      if (next === null) return 'outrun';
      checkpoint = next;
      const caughtUp = batch.some(({ kind }) => kind === 'caughtUp');
      const state = caughtUp ? 'live' : this.#status.state;
      this.#report({ state, position: checkpoint.position, error: null });
      if (signal.aborted) return 'stopped';
    }
    if (signal.aborted) return 'stopped';
    throw new Error('The subscription ended without being asked to');
  }

  async #project(
    batch: readonly SubscriptionMessage[],
    before: Checkpoint,
  ): Promise<Checkpoint | null> {
    const events = batch.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
    const rules = {
      onPoison: this.#poisonFailures >= this.#poisonAttempts ? 'hold' : 'stop',
      heldKeys: this.#heldKeys,
      skipped: this.#skipped,
    } as const;
    const load = (keys: readonly string[]): Promise<Map<string, State>> => this.#rows.load(keys);
    const { changes, hold, checkpoint } = await foldBatch(
      this.#projection,
      load,
      events,
      before,
      rules,
    );
    const next = { ...checkpoint, position: reachedPosition(batch, before.position) };
    if (next.position === before.position) return before;
    if (!(await this.#rows.commit(before, next, changes, { hold }))) return null;
    for (const { key } of hold) this.#heldKeys.add(key);
    if (hold.length > 0) this.#options.onHeld?.(hold);
    this.#poisonFailures = 0;
    this.#failures = 0;
    this.#lost = 0;
    return next;
  }

  /** Best effort: what keeps the projection down may keep this from being noted as well. */
  async #noteDown(reason: unknown): Promise<void> {
    try {
      await this.#rows.reportDown(describe(reason));
    } catch (error) {
      this.#report({ error: `${describe(reason)}; nor can that be noted: ${describe(error)}` });
    }
  }

  #report(change: Partial<RunnerStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus?.(this.#status);
  }
}

/** Place that a batch has brought the projection to; a checkpoint that comes early never moves it back. */
function reachedPosition(
  batch: readonly SubscriptionMessage[],
  before: Position | null,
): Position | null {
  return batch.reduce((reached, message) => {
    const position = message.kind === 'event' ? message.event.position : message.position;
    return (position ?? '') > (reached ?? '') ? position : reached;
  }, before);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
