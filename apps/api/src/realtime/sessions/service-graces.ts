import type { QueryBus } from '@nestjs/cqrs';
import { DomainError, isSid, type ServiceEvent } from '#domain';
import { GetServiceState } from '../../use-cases/services/get-service-state.ts';

/** Grace period of a Service. All sessions of the Service share one object, which is kept current. */
export interface ServiceGrace {
  readonly serviceSid: string;
  readonly graceMs: number;
}

interface Entry extends ServiceGrace {
  graceMs: number;
  exists: boolean;
  /** Whether an event has set the grace period since the load began. The loaded one is older then. */
  isSetByLog: boolean;
  sessions: number;
  loaded: Promise<void>;
}

/**
 * Grace periods of the Services that sessions of this process belong to. Each is loaded from the log for the first
 * session of its Service and kept current from the log feed, so that further sessions read nothing.
 */
export class ServiceGraces {
  readonly #queries: QueryBus;
  readonly #entries = new Map<string, Entry>();

  constructor(queries: QueryBus) {
    this.#queries = queries;
  }

  /**
   * Returns the grace period of a Service. Call it for each session, and {@link release} when the session ends. A
   * User that is created while its Service is deleted is deleted with the others.
   *
   * @throws DomainError `SERVICE.NOT_FOUND`; do not release then
   */
  async retain(serviceSid: string): Promise<ServiceGrace> {
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

  release({ serviceSid }: ServiceGrace): void {
    const entry = this.#entries.get(serviceSid);
    if (entry === undefined) return;
    entry.sessions -= 1;
    if (entry.sessions === 0) this.#entries.delete(serviceSid);
  }

  /** Applies an event of the log; true if it set the grace period of a Service that has sessions. */
  apply(event: ServiceEvent): boolean {
    const entry = this.#entries.get(event.data.serviceSid);
    if (entry === undefined) return false;
    if (event.type === 'ServiceDeleted') {
      entry.exists = false;
      return false;
    }
    if (event.type !== 'ServiceUpdated') return false;
    const { graceSeconds } = event.data.changes;
    if (graceSeconds === undefined) return false;
    entry.graceMs = graceSeconds * 1_000;
    entry.isSetByLog = true;
    return true;
  }

  #add(serviceSid: string): Entry {
    const entry: Entry = {
      serviceSid,
      graceMs: 0,
      exists: true,
      isSetByLog: false,
      sessions: 0,
      loaded: Promise.resolve(),
    };
    this.#entries.set(serviceSid, entry);
    entry.loaded = this.#load(entry);
    return entry;
  }

  /** Reads the state by the log, not the read model: a Service that was just created has to exist here. */
  async #load(entry: Entry): Promise<void> {
    const state = await this.#queries.execute(new GetServiceState(entry.serviceSid));
    if (state.status !== 'active') entry.exists = false;
    else if (!entry.isSetByLog) entry.graceMs = state.settings.graceSeconds * 1_000;
  }
}

function notFound(): DomainError {
  return new DomainError('SERVICE.NOT_FOUND', 'Service not found');
}
