import { DomainError, isSid, serviceStream, type ServiceEvent } from '#domain';
import type { Aggregates } from '../infrastructure/aggregates.ts';

/** How long clients of a Service have to come back. One object for all its sessions, kept up to date. */
export interface ServiceGrace {
  readonly serviceSid: string;
  readonly graceMs: number;
}

interface Tracked extends ServiceGrace {
  graceMs: number;
  exists: boolean;
  /** The log has told something later than what is still being loaded. */
  followed: boolean;
  users: number;
  loaded: Promise<void>;
}

/**
 * The Services that sessions of this process belong to: loaded from the log when the first of them opens, and
 * followed from then on, so that the others need no look at the log.
 */
export class ServiceGraces {
  readonly #aggregates: Aggregates;
  readonly #tracked = new Map<string, Tracked>();

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  /**
   * To be called for each session, and {@link release} once it is over. A User that slips into a Service at the
   * moment of its deletion is deleted with the others.
   *
   * @throws DomainError `SERVICE.NOT_FOUND`; nothing is to be released then
   */
  async retain(serviceSid: string): Promise<ServiceGrace> {
    if (!isSid('IS', serviceSid)) throw notFound();
    const tracked = this.#tracked.get(serviceSid) ?? this.#track(serviceSid);
    tracked.users += 1;
    try {
      await tracked.loaded;
      if (!tracked.exists) throw notFound();
      return tracked;
    } catch (error) {
      this.release(tracked);
      throw error;
    }
  }

  release({ serviceSid }: ServiceGrace): void {
    const tracked = this.#tracked.get(serviceSid);
    if (tracked === undefined) return;
    tracked.users -= 1;
    if (tracked.users === 0) this.#tracked.delete(serviceSid);
  }

  /** Takes an event of the log; true when it changed the grace of a Service that somebody uses. */
  follow(event: ServiceEvent): boolean {
    const tracked = this.#tracked.get(event.data.serviceSid);
    if (tracked === undefined) return false;
    if (event.type === 'ServiceDeleted') {
      Object.assign(tracked, { exists: false, followed: true });
      return false;
    }
    if (event.type !== 'ServiceUpdated') return false;
    const { graceSeconds } = event.data.changes;
    if (graceSeconds === undefined) return false;
    Object.assign(tracked, { graceMs: graceSeconds * 1_000, followed: true });
    return true;
  }

  #track(serviceSid: string): Tracked {
    const tracked: Tracked = {
      serviceSid,
      graceMs: 0,
      exists: true,
      followed: false,
      users: 0,
      loaded: Promise.resolve(),
    };
    this.#tracked.set(serviceSid, tracked);
    tracked.loaded = this.#load(tracked);
    return tracked;
  }

  async #load(tracked: Tracked): Promise<void> {
    const { state } = await this.#aggregates.services.load(serviceStream(tracked.serviceSid));
    if (state.status !== 'active') tracked.exists = false;
    else if (!tracked.followed) tracked.graceMs = state.settings.graceSeconds * 1_000;
  }
}

function notFound(): DomainError {
  return new DomainError('SERVICE.NOT_FOUND', 'Service not found');
}
