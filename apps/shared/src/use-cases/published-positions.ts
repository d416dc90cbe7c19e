import { hasReached, latest, type Position } from '#event-store';

/** What a read or an event is about: a User, all of a Service, or everything. */
export interface PublishedScope {
  readonly serviceSid?: string;
  readonly userSid?: string;
}

interface ServicePositions {
  /** Of the Service's own latest event. */
  own: Position | null;
  /** Of the latest event of the Service or any of its Users. */
  any: Position;
}

/** Users with an entry, beyond which positions are kept for all of them together. */
const MAX_USERS = 10_000;

/**
 * Latest positions that this process has published, by a socket or a webhook, for as long as its read model is behind
 * them. A read of the same data must not be older.
 */
export class PublishedPositions {
  readonly #readModel: { readonly position: Position | null };
  readonly #users = new Map<string, Position>();
  readonly #services = new Map<string, ServicePositions>();
  /** Position that every read must show. */
  #floor: Position | null = null;
  /** Of the latest event; null while the read model is behind none. */
  #latest: Position | null = null;

  /** @param readModel its position is the checkpoint of the read model */
  constructor(readModel: { readonly position: Position | null }) {
    this.#readModel = readModel;
  }

  /** True while the read model shows everything that was published. */
  get isEmpty(): boolean {
    if (this.#latest === null) return true;
    if (!hasReached(this.#readModel.position, this.#latest)) return false;
    this.#clear(null);
    return true;
  }

  /** Call it before a client may learn of the event at `position`. */
  record(position: Position, { serviceSid, userSid }: PublishedScope): void {
    if (hasReached(this.#readModel.position, position)) return;
    if (!this.isEmpty && this.#users.size >= MAX_USERS) this.#clear(this.#latest);
    this.#latest = latest(this.#latest, position);
    if (userSid !== undefined) {
      this.#users.set(userSid, latest(this.#users.get(userSid) ?? null, position) ?? position);
    }
    if (serviceSid === undefined) return;
    const service = this.#services.get(serviceSid) ?? { own: null, any: position };
    service.any = latest(service.any, position) ?? position;
    if (userSid === undefined) service.own = latest(service.own, position);
    this.#services.set(serviceSid, service);
  }

  /** Position that a read must show; null where the read model may be as it is. */
  requiredFor({ serviceSid, userSid }: PublishedScope): Position | null {
    if (this.isEmpty) return null;
    if (serviceSid === undefined) return this.#latest;
    const service = this.#services.get(serviceSid);
    if (userSid === undefined) return latest(this.#floor, service?.any ?? null);
    return latest(latest(this.#floor, service?.own ?? null), this.#users.get(userSid) ?? null);
  }

  #clear(floor: Position | null): void {
    this.#users.clear();
    this.#services.clear();
    this.#floor = floor;
    this.#latest = floor;
  }
}
