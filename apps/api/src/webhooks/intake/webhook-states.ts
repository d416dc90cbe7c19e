import { LRUCache } from 'lru-cache';
import { userStream } from '#domain';
import { reached, type EventLog, type Position } from '#event-store';
import type { WebhookIntake } from '#operational-state';
import {
  START,
  type Checkpoint,
  type EventRef,
  type DeadLetterChanges,
  type DeadLetters,
  type ProjectionStore,
} from '#projections';
import type { UsersReadModel, UsersState } from '#read-model';
import { fromKept, isUserStream, toIntakeChanges, userSidOf } from './intake-changes.ts';
import { stateAt } from './states-at.ts';
import { seeded, type WebhookState } from './webhook-state.ts';

const CONTEXTS_REMEMBERED = 10_000;

/** What the intake stands on. */
export interface IntakeSources {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly readModel: Pick<UsersReadModel, 'loadStates'>;
  /** Events that operators have passed over for good, and Users of whom the read model waits. */
  readonly holdings: () => Promise<DeadLetters>;
  readonly clock: () => Date;
  /** Told when deliveries have been queued. */
  readonly onQueued: () => void;
}

/**
 * States of the webhooks fold as of its checkpoint. Kept are those of Users whose Services want webhooks; all
 * others are derived when they are needed: from the read model where that says what held then, else from the log.
 */
export class WebhookStates implements ProjectionStore<WebhookState> {
  readonly #intake: WebhookIntake;
  readonly #sources: IntakeSources;
  /** Services and nodes as of the checkpoint. */
  readonly #contexts = new LRUCache<string, WebhookState>({ max: CONTEXTS_REMEMBERED });
  #at: Checkpoint = START;
  #wakeWhenMoved: () => void = () => undefined;
  #skipped: readonly EventRef[] = [];
  #waiting: ReadonlySet<string> = new Set();

  constructor(intake: WebhookIntake, sources: IntakeSources) {
    this.#intake = intake;
    this.#sources = sources;
  }

  async checkpoint(): Promise<Checkpoint> {
    this.#at = await this.#intake.checkpoint();
    this.#contexts.clear();
    return this.#at;
  }

  /** Nothing is held for long: a restart tries again, since a newer program may read what this one cannot. */
  async deadLetters(): Promise<DeadLetters> {
    const { blockedKeys, skipped } = await this.#sources.holdings();
    this.#waiting = blockedKeys;
    this.#skipped = skipped;
    return { blockedKeys: new Set(), skipped };
  }

  async load(keys: readonly string[]): Promise<Map<string, WebhookState>> {
    const states = await this.#kept(keys.filter((key) => isUserStream(key)));
    const missing = keys.filter((key) => !states.has(key));
    const users = missing.filter((key) => isUserStream(key));
    const { checkpoint, states: rows } =
      users.length === 0 ? NOTHING : await this.#sources.readModel.loadStates(users);
    for (const key of missing) {
      const row = rows.get(key);
      const state =
        row !== undefined && this.#heldAtCheckpoint(key, row, checkpoint)
          ? seeded(row)
          : (this.#contexts.get(key) ?? (await this.#derive(key)));
      if (state === null) continue;
      states.set(key, state);
      if (!isUserStream(key)) this.#contexts.set(key, state);
    }
    return states;
  }

  async commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: ReadonlyMap<string, WebhookState | null>,
    { added }: DeadLetterChanges = { added: [] },
  ): Promise<boolean> {
    const written = toIntakeChanges(changes, added);
    const now = this.#sources.clock().getTime();
    if (!(await this.#intake.commit(expected, next, { ...written, now }))) return false;
    this.#at = next;
    this.#wakeWhenMoved();
    for (const [key, state] of changes) {
      if (state?.kind === 'context') this.#contexts.set(key, seeded(state.row));
    }
    if (written.deliveries.length > 0) this.#sources.onQueued();
    return true;
  }

  /** Settles once everything up to a place has been written, or when the signal aborts. */
  async written(position: Position, signal: AbortSignal | undefined): Promise<void> {
    while (!reached(this.#at.position, position) && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#wakeWhenMoved = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  reportDown(reason: string | null): Promise<void> {
    return this.#intake.reportDown(reason);
  }

  async #kept(keys: readonly string[]): Promise<Map<string, WebhookState>> {
    const texts = await this.#intake.users(keys.map(userSidOf));
    const states = new Map<string, WebhookState>();
    for (const [sid, text] of texts) {
      const row = fromKept(text);
      if (row !== null) states.set(userStream(sid), seeded(row));
    }
    return states;
  }

  /** Whether a row of the read model, wherever that stands, is what held at the checkpoint. */
  #heldAtCheckpoint(key: string, row: UsersState, { position }: Checkpoint): boolean {
    return (
      row.kind === 'user' &&
      !this.#waiting.has(key) &&
      reached(position, this.#at.position) &&
      reached(this.#at.position, row.changedPosition)
    );
  }

  async #derive(key: string): Promise<WebhookState | null> {
    const found = await stateAt(this.#sources.log, key, this.#at.position, this.#skipped);
    if (found.kind === 'unreadable') return found;
    return found.state === null ? null : seeded(found.state);
  }
}

const NOTHING = { checkpoint: START, states: new Map<string, UsersState>() } as const;
