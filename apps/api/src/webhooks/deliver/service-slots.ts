/** Requests under way at once, in all. */
const MOST = 256;
/** Requests under way at once to one Service: to begin with, and at the most. */
const FIRST = 4;
const MOST_OF_ONE = 16;

/** How a receiver did: it answered at once, or after a while, or not, or that it could not. */
export type Pace = 'quick' | 'slow' | 'failing';

interface Service {
  limit: number;
  busy: number;
}

/**
 * How many requests may be under way, so that no Service waits for another. One whose requests fail is soon down
 * to one at a time, and while half of all places are taken nobody gets a second: so it takes well over a hundred
 * receivers that hang at once to hold up the next.
 */
export class Slots {
  readonly #services = new Map<string, Service>();
  readonly #most: number;
  #busy = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  get busy(): number {
    return this.#busy;
  }

  /** How many more requests may go to a Service now. */
  room(serviceSid: string): number {
    const { limit, busy } = this.#services.get(serviceSid) ?? { limit: FIRST, busy: 0 };
    const share = this.#busy >= this.#most / 2 ? 1 : limit;
    return Math.max(0, Math.min(share - busy, this.#most - this.#busy));
  }

  take(serviceSid: string): void {
    const service = this.#services.get(serviceSid) ?? { limit: FIRST, busy: 0 };
    service.busy += 1;
    this.#busy += 1;
    this.#services.set(serviceSid, service);
  }

  give(serviceSid: string, pace: Pace): void {
    const service = this.#services.get(serviceSid);
    if (service === undefined) return;
    this.#busy -= 1;
    service.busy -= 1;
    service.limit = nextLimit(service.limit, pace);
    // One that does well and has nothing to do is as good as unknown.
    if (service.busy === 0 && service.limit >= FIRST) this.#services.delete(serviceSid);
  }
}

function nextLimit(limit: number, pace: Pace): number {
  if (pace === 'quick') return Math.min(MOST_OF_ONE, limit + 1);
  return pace === 'slow' ? Math.min(FIRST, limit) : Math.ceil(limit / 2);
}
