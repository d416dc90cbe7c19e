import { LRUCache } from 'lru-cache';
import { isUserStream, userSidOf, userStream } from '#domain';
import { hasReached, type EventLog, type Position } from '#event-store';
import type { SharedClock, WebhookEnqueuerStore } from '#operational-state';
import {
  START,
  type Changes,
  type Checkpoint,
  type EventRef,
  type DeadLetterChanges,
  type DeadLetters,
  type ProjectionStore,
} from '#projections';
import type { UsersReadModel, UsersState } from '#read-model';
import { decodeUserState, toEnqueuerChanges } from './enqueuer-changes.ts';
import { streamStateAt } from './stream-state-at.ts';
import { toWebhookState, type WebhookState } from './webhook-state.ts';

const REFERENCES_CACHED = 10_000;

/** Sources of the states that are not stored, and callbacks. */
interface WebhookStateSources {
  readonly log: Pick<EventLog, 'readStream'>;
  readonly readModel: Pick<UsersReadModel, 'loadStates'>;
  /** Events that operators have skipped, and the streams that wait behind dead letters of the read model. */
  readonly deadLetters: () => Promise<DeadLetters>;
  readonly clock: SharedClock;
  /** Called when deliveries have been queued. */
  readonly onQueued: () => void;
}

/**
 * States of the webhooks projection as of its checkpoint. The states of Users whose Services subscribe to webhooks are
 * stored. All others are derived when needed: from the read model where its row has not changed since the checkpoint,
 * else from the log.
 */
export class WebhookStates implements ProjectionStore<WebhookState> {
  readonly #store: WebhookEnqueuerStore;
  readonly #sources: WebhookStateSources;
  /** Services and nodes as of the checkpoint. */
  readonly #references = new LRUCache<string, WebhookState>({ max: REFERENCES_CACHED });
  #checkpoint: Checkpoint = START;
  #wakeWaiter: () => void = () => undefined;
  #skipped: readonly EventRef[] = [];
  #blocked: ReadonlySet<string> = new Set();

  constructor(store: WebhookEnqueuerStore, sources: WebhookStateSources) {
    this.#store = store;
    this.#sources = sources;
  }

  async checkpoint(): Promise<Checkpoint> {
    this.#checkpoint = await this.#store.checkpoint();
    this.#references.clear();
    return this.#checkpoint;
  }

  /** Blocks no key: a restart tries again, because a newer program may read an event that this one cannot. */
  async deadLetters(): Promise<DeadLetters> {
    const { blockedKeys, skipped } = await this.#sources.deadLetters();
    this.#blocked = blockedKeys;
    this.#skipped = skipped;
    return { blockedKeys: new Set(), skipped };
  }

  async load(keys: readonly string[]): Promise<Map<string, WebhookState>> {
    const states = await this.#stored(keys.filter((key) => isUserStream(key)));
    const missing = keys.filter((key) => !states.has(key));
    const users = missing.filter((key) => isUserStream(key));
    const { checkpoint, states: rows } =
      users.length === 0 ? NOTHING : await this.#sources.readModel.loadStates(users);
    for (const key of missing) {
      const row = rows.get(key);
      const state =
        row !== undefined && this.#isStateAtCheckpoint(key, row, checkpoint)
          ? toWebhookState(row)
          : (this.#references.get(key) ?? (await this.#derive(key)));
      if (state === null) continue;
      states.set(key, state);
      if (!isUserStream(key)) this.#references.set(key, state);
    }
    return states;
  }

  async commit(
    expected: Checkpoint,
    next: Checkpoint,
    changed: Changes<WebhookState>,
    { added }: DeadLetterChanges = { added: [] },
  ): Promise<boolean> {
    const changes = new Map(Array.from(changed, ([key, state]) => [key, state] as const));
    const written = toEnqueuerChanges(changes, added);
    const now = await this.#sources.clock();
    if (!(await this.#store.commit(expected, next, { ...written, now }))) return false;
    this.#checkpoint = next;
    this.#wakeWaiter();
    for (const [key, state] of changes) {
      if (state?.kind === 'reference') this.#references.set(key, toWebhookState(state.row));
    }
    if (written.deliveries.length > 0) this.#sources.onQueued();
    return true;
  }

  /** Settles once everything up to a position has been written, or when the signal aborts. */
  async waitUntilWritten(position: Position, signal: AbortSignal | undefined): Promise<void> {
    while (!hasReached(this.#checkpoint.position, position) && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        this.#wakeWaiter = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  reportDown(reason: string | null): Promise<void> {
    return this.#store.reportDown(reason);
  }

  async #stored(keys: readonly string[]): Promise<Map<string, WebhookState>> {
    const texts = await this.#store.users(keys.map(userSidOf));
    const states = new Map<string, WebhookState>();
    for (const [sid, text] of texts) {
      const row = decodeUserState(text);
      if (row !== null) states.set(userStream(sid), toWebhookState(row));
    }
    return states;
  }

  /** Whether a row of the read model, which may be ahead or behind, is the state at the checkpoint. */
  #isStateAtCheckpoint(key: string, row: UsersState, { position }: Checkpoint): boolean {
    return (
      row.kind === 'user' &&
      !this.#blocked.has(key) &&
      hasReached(position, this.#checkpoint.position) &&
      hasReached(this.#checkpoint.position, row.changedPosition)
    );
  }

  async #derive(key: string): Promise<WebhookState | null> {
    const found = await streamStateAt(
      this.#sources.log,
      key,
      this.#checkpoint.position,
      this.#skipped,
    );
    if (found.kind === 'unreadable') return found;
    return found.state === null ? null : toWebhookState(found.state);
  }
}

const NOTHING = { checkpoint: START, states: new Map<string, UsersState>() } as const;
