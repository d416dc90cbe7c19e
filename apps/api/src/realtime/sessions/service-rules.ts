import type { QueryBus } from '@nestjs/cqrs';
import {
  DomainError,
  isSid,
  watchPolicyOf,
  type ServiceEvent,
  type ServiceSettings,
  type WatchPolicy,
} from '#domain';
import { GetServiceState } from '../../use-cases/services/get-service-state.ts';

/** Settings of a Service that its sessions obey. All sessions of the Service share one object, which is kept current. */
export interface ServiceRules {
  readonly serviceSid: string;
  readonly graceMs: number;
  readonly watchPolicy: WatchPolicy;
  /** Whether the watch policy was ever set: then clients may have lost or gained Users while they were away. */
  readonly hasSetWatchPolicy: boolean;
  /** Grows with each change of the watch policy. */
  readonly policyRevision: number;
}

/** Which rules of a Service an event has set. */
export interface ChangedRules {
  readonly grace: boolean;
  readonly watchPolicy: boolean;
}

type Settings = Pick<ServiceSettings, 'graceSeconds' | 'watchPolicy'>;

const NO_RULES: ChangedRules = { grace: false, watchPolicy: false };

class Entry implements ServiceRules {
  readonly serviceSid: string;
  policyRevision = 0;
  exists = true;
  sessions = 0;
  loaded: Promise<void> = Promise.resolve();
  /** Null until they are loaded. */
  #settings: Settings | null = null;
  /** Settings in events that came since the load began. They are newer than the loaded ones. */
  #later: Partial<Settings> = {};

  constructor(serviceSid: string) {
    this.serviceSid = serviceSid;
  }

  get graceMs(): number {
    return (this.#settings?.graceSeconds ?? 0) * 1_000;
  }

  /** Until it is loaded, nobody is let in, and nobody is shown. */
  get watchPolicy(): WatchPolicy {
    return this.#settings === null ? 'granted' : watchPolicyOf(this.#settings);
  }

  get hasSetWatchPolicy(): boolean {
    return this.#settings?.watchPolicy !== undefined;
  }

  setLoaded(settings: Settings): void {
    this.#settings = { ...settings, ...this.#later };
  }

  change(changes: Partial<Settings>): void {
    this.#later = { ...this.#later, ...changes };
    if (this.#settings !== null) this.#settings = { ...this.#settings, ...changes };
    if (changes.watchPolicy !== undefined) this.policyRevision += 1;
  }
}

/**
 * Rules of the Services that sessions of this process belong to. Those of a Service are loaded from the log for its
 * first session and kept current from the log feed, so that further sessions read nothing.
 */
export class ServiceRulesCache {
  readonly #queries: QueryBus;
  readonly #entries = new Map<string, Entry>();

  constructor(queries: QueryBus) {
    this.#queries = queries;
  }

  /**
   * Returns the rules of a Service. Call it for each session, and {@link release} when the session ends. A User that
   * is created while its Service is deleted is deleted with the others.
   *
   * @throws DomainError `SERVICE.NOT_FOUND`; do not release then
   */
  async retain(serviceSid: string): Promise<ServiceRules> {
    if (!isSid('IS', serviceSid)) throw notFound();
    const entry = this.#entries.get(serviceSid) ?? this.#add(serviceSid);
    entry.sessions += 1;
    try {
      await entry.loaded;
      if (!entry.exists) throw notFound();
      return entry;
    } catch (error) {
      this.release(entry);
      throw error;
    }
  }

  release({ serviceSid }: Pick<ServiceRules, 'serviceSid'>): void {
    const entry = this.#entries.get(serviceSid);
    if (entry === undefined) return;
    entry.sessions -= 1;
    if (entry.sessions === 0) this.#entries.delete(serviceSid);
  }

  /** Applies an event of the log. Returns which rules it set of a Service that has sessions. */
  apply(event: ServiceEvent): ChangedRules {
    const entry = this.#entries.get(event.data.serviceSid);
    if (entry === undefined) return NO_RULES;
    if (event.type === 'ServiceDeleted') entry.exists = false;
    if (event.type !== 'ServiceUpdated') return NO_RULES;
    const { graceSeconds, watchPolicy } = event.data.changes;
    entry.change({
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
      ...(watchPolicy === undefined ? {} : { watchPolicy }),
    });
    return { grace: graceSeconds !== undefined, watchPolicy: watchPolicy !== undefined };
  }

  #add(serviceSid: string): Entry {
    const entry = new Entry(serviceSid);
    this.#entries.set(serviceSid, entry);
    entry.loaded = this.#load(entry);
    return entry;
  }

  /** Reads the state by the log, not the read model: a Service that was just created has to exist here. */
  async #load(entry: Entry): Promise<void> {
    const state = await this.#queries.execute(new GetServiceState(entry.serviceSid));
    if (state.status === 'active') entry.setLoaded(state.settings);
    else entry.exists = false;
  }
}

function notFound(): DomainError {
  return new DomainError('SERVICE.NOT_FOUND', 'Service not found');
}
