import { serviceStream, userStream } from '#domain';
import type { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import type { LiveStates } from './live-states.ts';
import type { WatchedService, WatchedUser } from './watched.ts';
import type { Watcher } from './watcher.ts';

/** Services and Users of them that somebody watches, or waits for: seeded for the first, forgotten with the last. */
export class WatchedServices {
  readonly #services = new Map<string, WatchedService>();
  readonly #seeding: LiveStates;
  readonly #metrics: Pick<RealtimeMetrics, 'watchedUsers'>;

  constructor(seeding: LiveStates, metrics: Pick<RealtimeMetrics, 'watchedUsers'>) {
    this.#seeding = seeding;
    this.#metrics = metrics;
  }

  get(serviceSid: string): WatchedService | undefined {
    return this.#services.get(serviceSid);
  }

  all(): Iterable<WatchedService> {
    return this.#services.values();
  }

  /**
   * Carries out `use` once a Service and Users of it are seeded, and keeps them for as long.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind to begin from
   */
  async using<Answer>(
    serviceSid: string,
    userSids: readonly string[],
    use: (service: WatchedService, users: readonly WatchedUser[]) => Promise<Answer>,
  ): Promise<Answer> {
    const sids = [...new Set(userSids)];
    const service = this.#service(serviceSid, sids);
    const users = sids.flatMap((sid) => service.users.get(sid) ?? []);
    service.pending += 1;
    for (const user of users) user.pending += 1;
    try {
      await Promise.all([service.seeded, ...users.map(({ seeded }) => seeded)]);
      return await use(service, users);
    } finally {
      service.pending -= 1;
      for (const user of users) {
        user.pending -= 1;
        this.#forgetUserIfUnused(service, user);
      }
      this.#forgetIfUnused(service);
    }
  }

  /** Tells a watcher no more of Users. */
  unwatch(watcher: Watcher, serviceSid: string, userSids: Iterable<string>): void {
    const service = this.#services.get(serviceSid);
    if (service === undefined) return;
    for (const sid of userSids) {
      const user = service.users.get(sid);
      if (user?.watchers.delete(watcher) === true) this.#forgetUserIfUnused(service, user);
    }
  }

  /** Tells a watcher no more of a Service itself. */
  leave(watcher: Watcher, serviceSid: string): void {
    const service = this.#services.get(serviceSid);
    if (service?.watchers.delete(watcher) === true) this.#forgetIfUnused(service);
  }

  /** A Service's entry with its Users', made where they are missing; all that is missing is seeded together. */
  #service(serviceSid: string, userSids: readonly string[]): WatchedService {
    const known = this.#services.get(serviceSid);
    const fresh = userSids.filter((sid) => known?.users.has(sid) !== true);
    const keys = [
      ...(known === undefined ? [serviceStream(serviceSid)] : []),
      ...fresh.map(userStream),
    ];
    const seeded = keys.length === 0 ? Promise.resolve() : this.#seeding.retain(keys);
    const service = known ?? this.#newService(serviceSid, seeded);
    this.#metrics.watchedUsers.inc(fresh.length);
    for (const sid of fresh) {
      const user = { sid, watchers: new Set<Watcher>(), pending: 0, seeded };
      service.users.set(sid, { ...user, told: null, toldAt: '', appearedAt: '' });
    }
    return service;
  }

  #newService(sid: string, seeded: Promise<void>): WatchedService {
    const told = { reachabilityEnabled: false, version: '' };
    const watchers = new Set<Watcher>();
    const service = { sid, users: new Map(), watchers, pending: 0, told, seeded };
    this.#services.set(sid, service);
    return service;
  }

  #forgetUserIfUnused(service: WatchedService, user: WatchedUser): void {
    if (user.watchers.size > 0 || user.pending > 0) return;
    if (service.users.get(user.sid) !== user) return;
    service.users.delete(user.sid);
    this.#metrics.watchedUsers.dec();
    this.#seeding.release(userStream(user.sid));
    this.#forgetIfUnused(service);
  }

  #forgetIfUnused(service: WatchedService): void {
    if (service.users.size > 0 || service.watchers.size > 0 || service.pending > 0) return;
    if (this.#services.get(service.sid) !== service) return;
    this.#services.delete(service.sid);
    this.#seeding.release(serviceStream(service.sid));
  }
}
