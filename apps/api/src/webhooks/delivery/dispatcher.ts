import { setTimeout as delay } from 'node:timers/promises';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  AttemptResult,
  WebhookQueue,
} from '#operational-state';
import type { SendResult } from './http-sender.ts';
import { Alarm } from './alarm.ts';
import { Slots, type Pace } from './slots.ts';
import { verdictOf } from './verdict.ts';
import { requestOf, type WebhookRequest } from './webhook-request.ts';

/** How long a delivery belongs to the worker that claimed it: three times what an attempt may take. */
const LEASE_MS = 15_000;
/** How often to look for what other workers have queued, or what has become due, in milliseconds. */
const POLL_MS = 250;
/** How long results are gathered, to be written together, in milliseconds. */
const GATHER_MS = 3;
/** An answer within this time is quick, in milliseconds. */
const SOON_MS = 1_000;

export interface DispatcherOptions {
  readonly queue: WebhookQueue;
  readonly send: (request: WebhookRequest) => Promise<SendResult>;
  readonly authToken: string;
  readonly clock: () => Date;
  readonly onError: (error: unknown) => void;
  readonly leaseMs?: number;
  readonly random?: () => number;
}

/** Sends what is due, until stopped. Any number of workers may do so: each delivery belongs to one at a time. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slots = new Slots();
  readonly #attempts = new Set<Promise<void>>();
  /** What came of attempts, and is not written yet. */
  #results: AttemptResult[] = [];
  readonly #alarm = new Alarm();
  #stopping = false;
  #running: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks for what is due now, instead of a moment later. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Takes nothing more, and waits for the requests under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await Promise.all(this.#attempts);
    await this.#tried(() => this.#settle());
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const startedAt = performance.now();
      await this.#tried(async () => {
        await this.#settle();
        await this.#claimDue();
      });
      const tookMs = performance.now() - startedAt;
      await this.#alarm.sleep(POLL_MS);
      // Never for less than the round took, so that others get their turn beside a long queue.
      await delay(Math.max(GATHER_MS, tookMs));
    }
  }

  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** What cannot be written now is tried again; its lease may end meanwhile, and it is then sent again. */
  async #settle(): Promise<void> {
    const results = this.#results;
    if (results.length === 0) return;
    this.#results = [];
    try {
      await this.#options.queue.recordResults(results, this.#now());
    } catch (error) {
      this.#results.push(...results);
      throw error;
    }
  }

  /** Begins at another Service each time, so that none is always first. */
  async #claimDue(): Promise<void> {
    const { queue, leaseMs = LEASE_MS } = this.#options;
    for (const serviceSid of rotated(await queue.dueServices(this.#now()))) {
      const room = this.#slots.room(serviceSid);
      if (room === 0) continue;
      if (this.#stopping) return;
      const now = this.#now();
      for (const claimed of await queue.claim(serviceSid, room, now, now + leaseMs)) {
        const attempt = this.#attempt(claimed).catch(this.#options.onError);
        this.#attempts.add(attempt);
        void attempt.then(() => this.#attempts.delete(attempt));
      }
    }
  }

  async #attempt(claimed: ClaimedDelivery): Promise<void> {
    const { serviceSid } = claimed;
    this.#slots.take(serviceSid);
    const startedAt = performance.now();
    let pace: Pace = 'failing';
    try {
      const outcome = await this.#outcomeOf(claimed);
      const soon = performance.now() - startedAt < SOON_MS;
      if (outcome.status !== 'failed') pace = soon ? 'quick' : 'slow';
      this.#results.push({ delivery: claimed, outcome });
    } finally {
      this.#slots.give(serviceSid, pace);
      this.wake();
    }
  }

  async #outcomeOf(claimed: ClaimedDelivery): Promise<DeliveryOutcome> {
    const { authToken, send, random = Math.random } = this.#options;
    const givenUp = { status: 'dead', responseCode: null, attempted: false } as const;
    if (claimed.target === null) {
      return { ...givenUp, error: 'The Service no longer wants webhooks' };
    }
    if (this.#now() >= claimed.giveUpAt) return { ...givenUp, error: 'Not delivered in time' };
    const request = requestOf(claimed.target, claimed, authToken);
    if (request === null) return { ...givenUp, error: 'The URL is not one of HTTP' };
    return verdictOf(await send(request), claimed, this.#now(), random());
  }

  #now(): number {
    return this.#options.clock().getTime();
  }
}

/** The same list from a random place on, and then from its start. */
function rotated<T>(list: readonly T[]): T[] {
  const from = Math.floor(Math.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}
