/** Concurrent requests in total. */
const MAX_REQUESTS = 256;
/** Concurrent requests to one Service: the initial limit and the greatest one. */
const INITIAL_LIMIT = 4;
const MAX_LIMIT = 16;

/** Health of a receiver, by its last response. `failing`: no response, or a response that asks for another attempt. */
export type ReceiverHealth = 'quick' | 'slow' | 'failing';

interface Service {
  limit: number;
  busy: number;
}

/**
 * Limits concurrent requests in total and per Service, so that no Service waits for another. The limit of a Service
 * grows while its receiver is quick and halves with each failure. While half of all slots are taken, each Service
 * gets one: more than a hundred receivers must hang at once before another Service has to wait.
 */
export class ServiceSlots {
  readonly #services = new Map<string, Service>();
  readonly #maxRequests: number;
  #busy = 0;

  constructor(maxRequests = MAX_REQUESTS) {
    this.#maxRequests = maxRequests;
  }

  /** Returns how many more requests may go to a Service now. */
  available(serviceSid: string): number {
    const { limit, busy } = this.#services.get(serviceSid) ?? { limit: INITIAL_LIMIT, busy: 0 };
    const share = this.#busy >= this.#maxRequests / 2 ? 1 : limit;
    return Math.max(0, Math.min(share - busy, this.#maxRequests - this.#busy));
  }

  acquire(serviceSid: string): void {
    const service = this.#services.get(serviceSid) ?? { limit: INITIAL_LIMIT, busy: 0 };
    service.busy += 1;
    this.#busy += 1;
    this.#services.set(serviceSid, service);
  }

  release(serviceSid: string, health: ReceiverHealth): void {
    const service = this.#services.get(serviceSid);
    if (service === undefined) return;
    this.#busy -= 1;
    service.busy -= 1;
    service.limit = nextLimit(service.limit, health);
    // An idle Service with the initial limit or more needs no entry.
    if (service.busy === 0 && service.limit >= INITIAL_LIMIT) this.#services.delete(serviceSid);
  }
}

function nextLimit(limit: number, health: ReceiverHealth): number {
  if (health === 'quick') return Math.min(MAX_LIMIT, limit + 1);
  return health === 'slow' ? Math.min(INITIAL_LIMIT, limit) : Math.ceil(limit / 2);
}
