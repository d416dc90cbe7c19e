import { setTimeout as delay } from 'node:timers/promises';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  AttemptResult,
  WebhookQueue,
} from '#operational-state';
import { deliveryResultOf } from './delivery-result.ts';
import type { SendResult } from './http-sender.ts';
import { ServiceSlots, type ReceiverHealth } from './service-slots.ts';
import { WakeSignal } from './wake-signal.ts';
import { requestOf, type WebhookRequest } from './webhook-request.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

/** Milliseconds that a delivery belongs to the worker that claimed it: three times the longest attempt. */
const LEASE_MS = 15_000;
/** Milliseconds between two polls for deliveries that are due or that other workers have queued. */
const POLL_MS = 250;
/** Milliseconds in which results are collected, to be written in one transaction. */
const COLLECT_MS = 3;
/** Milliseconds within which a response counts as quick. */
const QUICK_MS = 1_000;

export interface DispatcherOptions {
  readonly queue: WebhookQueue;
  readonly send: (request: WebhookRequest) => Promise<SendResult>;
  readonly secrets: WebhookSecrets;
  readonly clock: () => Date;
  readonly onError: (error: unknown) => void;
  /** Called before each request. */
  readonly onSend?: (delivery: ClaimedDelivery) => void;
  readonly leaseMs?: number;
  readonly random?: () => number;
}

/** Sends deliveries that are due, until stopped. Any number of workers may run: a claimed delivery belongs to one. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slots = new ServiceSlots();
  readonly #attempts = new Set<Promise<void>>();
  /** Results that are not written yet. */
  #results: AttemptResult[] = [];
  readonly #wakeSignal = new WakeSignal();
  #stopping = false;
  #running: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks for due deliveries now instead of at the next poll. */
  wake(): void {
    this.#wakeSignal.wake();
  }

  /** Claims nothing more and waits for the requests in flight. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await Promise.all(this.#attempts);
    await this.#reportErrors(() => this.#writeResults());
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const startedAt = performance.now();
      await this.#reportErrors(async () => {
        await this.#writeResults();
        await this.#claimDue();
      });
      const tookMs = performance.now() - startedAt;
      await this.#wakeSignal.wait(POLL_MS);
      // At least as long as the round took, so that a long queue leaves the event loop to others half of the time.
      await delay(Math.max(COLLECT_MS, tookMs));
    }
  }

  async #reportErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Keeps results that cannot be written for the next round. A lease that expires meanwhile repeats the request. */
  async #writeResults(): Promise<void> {
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

  /** Starts with a random Service, so that none is always first. */
  async #claimDue(): Promise<void> {
    const { queue, leaseMs = LEASE_MS } = this.#options;
    for (const serviceSid of rotated(await queue.dueServices(this.#now()))) {
      const available = this.#slots.available(serviceSid);
      if (available === 0) continue;
      if (this.#stopping) return;
      const now = this.#now();
      for (const claimed of await queue.claim(serviceSid, available, now, now + leaseMs)) {
        const attempt = this.#attempt(claimed).catch(this.#options.onError);
        this.#attempts.add(attempt);
        void attempt.then(() => this.#attempts.delete(attempt));
      }
    }
  }

  async #attempt(claimed: ClaimedDelivery): Promise<void> {
    const { serviceSid } = claimed;
    this.#slots.acquire(serviceSid);
    const startedAt = performance.now();
    let health: ReceiverHealth = 'failing';
    try {
      const outcome = await this.#outcomeOf(claimed);
      const isQuick = performance.now() - startedAt < QUICK_MS;
      if (outcome.status !== 'failed') health = isQuick ? 'quick' : 'slow';
      this.#results.push({ delivery: claimed, outcome });
    } finally {
      this.#slots.release(serviceSid, health);
      this.wake();
    }
  }

  async #outcomeOf(claimed: ClaimedDelivery): Promise<DeliveryOutcome> {
    const { secrets, send, onSend, random = Math.random } = this.#options;
    const dead = { status: 'dead', responseCode: null, attempted: false } as const;
    if (claimed.target === null) {
      return { ...dead, error: 'The Service no longer subscribes to webhooks' };
    }
    if (this.#now() >= claimed.giveUpAt) return { ...dead, error: 'Not delivered in time' };
    const request = requestOf(claimed.target, claimed, secrets);
    if (request === null) return { ...dead, error: 'The URL is not an HTTP URL' };
    onSend?.(claimed);
    return deliveryResultOf(await send(request), claimed, this.#now(), random());
  }

  #now(): number {
    return this.#options.clock().getTime();
  }
}

/** The list rotated to a random start. */
function rotated<T>(list: readonly T[]): T[] {
  const from = Math.floor(Math.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}
