import { Inject, Injectable } from '@nestjs/common';
import {
  apiKeyDecider,
  apiKeyEventSchemas,
  secretEndsAt,
  validSecretIds,
  type ActiveApiKey,
  type ApiKeyEvent,
  type ApiKeyState,
  type ReachabilityEvent,
} from '#domain';
import { EventStoreUnavailableError, hasReached, type Position } from '#event-store';
import type { Checkpoint, ProjectedEvent } from '#projections';
import { apiKeyStateOf, type ApiKeyRow } from '#read-model';
import { CLOCK, type Clock } from '../injection-tokens.ts';

/** Longest time for which a request waits until the keys are known, in milliseconds. */
const LOAD_TIMEOUT_MS = 2_000;

/** One secret of one key: whatever it let in ends with it. */
export interface SecretRef {
  readonly keySid: string;
  readonly secretId: string;
}

interface Entry {
  readonly state: ApiKeyState;
  /** Position up to which `state` includes every event of the key. */
  readonly position: Position | null;
}

/**
 * All API keys in memory, as the log has them: loaded from the read model once, then kept current from the log. The log
 * alone decides whether a key and a secret are valid.
 */
@Injectable()
export class ApiKeyDirectory {
  readonly #entries = new Map<string, Entry>();
  readonly #current = Promise.withResolvers<null>();
  readonly #listeners: (() => void)[] = [];
  #isCurrent = false;
  #acceptsKeys = true;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Calls the listener after each change of a key. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Adds keys of the read model, unless later events of them are known already. */
  load(keys: readonly ApiKeyRow[], { position }: Checkpoint): void {
    for (const row of keys) this.set(row.sid, apiKeyStateOf(row), position);
  }

  /** From now on the keys include all that the log had when this process started. */
  markCurrent(): void {
    this.#isCurrent = true;
    this.#current.resolve(null);
  }

  /** Accepts no key from now on: for a process that does not follow the log, and would not learn of a revocation. */
  acceptNone(): void {
    this.#acceptsKeys = false;
    this.markCurrent();
  }

  /** Applies an event of the log; events of other aggregates change nothing. */
  apply(projected: ProjectedEvent<ReachabilityEvent>): void {
    const { event, position } = projected;
    if (!isApiKeyEvent(event)) return;
    const { keySid } = event.data;
    const before = this.#entries.get(keySid);
    if (before !== undefined && hasReached(before.position, position)) return;
    const state = apiKeyDecider.evolve(before?.state ?? apiKeyDecider.initialState, event);
    this.set(keySid, state, position);
  }

  /** Takes the state that a key has after its event at `position`; older states are ignored. */
  set(keySid: string, state: ApiKeyState, position: Position | null): void {
    const before = this.#entries.get(keySid);
    if (before !== undefined && hasReached(before.position, position)) return;
    this.#entries.set(keySid, { state, position });
    for (const listener of this.#listeners) listener();
  }

  has(keySid: string): boolean {
    return this.#entries.has(keySid);
  }

  /**
   * Returns a key that has a valid secret; null if there is none.
   *
   * @throws EventStoreUnavailableError while the keys are not loaded
   */
  async find(keySid: string): Promise<ActiveApiKey | null> {
    if (!this.#isCurrent) await this.#waitUntilCurrent();
    return this.#valid(keySid);
  }

  /** Ids of the secrets of a key that are valid now, the newest first. */
  validSecrets(key: ActiveApiKey): readonly string[] {
    return validSecretIds(key, this.clock());
  }

  /** Whether a secret that has let somebody in is still valid. */
  isValid({ keySid, secretId }: SecretRef): boolean {
    const key = this.#valid(keySid);
    return key !== null && this.validSecrets(key).includes(secretId);
  }

  /** Whether a secret has ended by time, not by a change of its key, after `since` and up to now. */
  hasEndedSince(since: Date): boolean {
    const now = this.clock().getTime();
    for (const { state } of this.#entries.values()) {
      if (state.status !== 'active') continue;
      for (const id of [state.secretId, state.previousSecret?.secretId ?? state.secretId]) {
        const end = Date.parse(secretEndsAt(state, id) ?? '');
        if (end > since.getTime() && end <= now) return true;
      }
    }
    return false;
  }

  #valid(keySid: string): ActiveApiKey | null {
    const state = this.#acceptsKeys ? this.#entries.get(keySid)?.state : undefined;
    if (state?.status !== 'active') return null;
    return this.validSecrets(state).length === 0 ? null : state;
  }

  async #waitUntilCurrent(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const error = new EventStoreUnavailableError('The API keys are not loaded yet');
      timer = setTimeout(reject, LOAD_TIMEOUT_MS, error);
    });
    try {
      await Promise.race([this.#current.promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function isApiKeyEvent(event: ReachabilityEvent): event is ApiKeyEvent {
  return event.type in apiKeyEventSchemas;
}
