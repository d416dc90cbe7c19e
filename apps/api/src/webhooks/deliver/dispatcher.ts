import { setTimeout as delay } from 'node:timers/promises';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  SharedClock,
  WebhookQueue,
} from '#operational-state';
import { ContinuousAccess } from './continuous-access.ts';
import { DUE_PAUSE_MS, pauseUntil } from './dispatcher-pause.ts';
import { deliveryResultOf } from './delivery-result.ts';
import { CLAIM_TIMES, HeldClaims } from './held-claims.ts';
import type { SendResult } from './http-sender.ts';
import { ServiceSlots, type ReceiverHealth } from './service-slots.ts';
import { WakeSignal } from '../../platform/wake-signal.ts';
import { requestOf, type WebhookRequest } from './webhook-request.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

/** Milliseconds in which results are collected, to be written in one transaction. */
const COLLECT_MS = 3;
/** Longest time that is left to others after a round, in milliseconds: claims are extended in time. */
const MAX_REST_MS = 1_000;
/** Milliseconds within which a response counts as quick. */
const QUICK_MS = 1_000;

export interface DispatcherOptions {
  readonly queue: WebhookQueue;
  /** `isOwned` says, right before the request is written, whether it still is this worker's to send. */
  readonly send: (
    request: WebhookRequest,
    isOwned: () => boolean,
    delivery: ClaimedDelivery,
  ) => Promise<SendResult | 'notOwned'>;
  readonly secrets: WebhookSecrets;
  /** The clock that all workers share. */
  readonly clock: SharedClock;
  readonly onError: (error: unknown) => void;
  /** Whether {@link Dispatcher.wake} is called for what any process queues. */
  readonly isTold?: () => boolean;
  /** Called before each request. */
  readonly onSend?: (delivery: ClaimedDelivery) => void;
  readonly monotonic?: () => number;
  readonly random?: () => number;
}

/** A result that is not written yet. Its next attempt is counted from the time when it is. */
interface PendingResult {
  readonly delivery: ClaimedDelivery;
  readonly outcomeAt: (now: number) => DeliveryOutcome;
}

/**
 * Sends deliveries that are due, until stopped. Any number of workers may run: a claimed delivery belongs to one, which
 * extends the claim while its request is under way, and does not start a request whose claim may have ended.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #monotonic: () => number;
  readonly #slots = new ServiceSlots();
  readonly #attempts = new Set<Promise<void>>();
  readonly #claims: HeldClaims;
  readonly #access: ContinuousAccess;
  #results: PendingResult[] = [];
  /** Claimed deliveries that were not sent, to be given back. */
  #unsent: ClaimedDelivery[] = [];
  readonly #wakeSignal = new WakeSignal();
  /** Milliseconds until the next round, unless it is woken. */
  #pauseMs = 0;
  #stopping = false;
  #running: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#claims = new HeldClaims(this.#monotonic);
    this.#access = new ContinuousAccess(this.#monotonic);
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
      this.#pauseMs = DUE_PAUSE_MS;
      await this.#reportErrors(async () => {
        await this.#writeResults();
        await this.#extendClaims();
        await this.#claimDue();
      });
      const tookMs = performance.now() - startedAt;
      await this.#wakeSignal.wait(this.#pauseMs);
      // As long as the round took, so that a long queue leaves the event loop to others half of the time.
      await delay(Math.min(MAX_REST_MS, Math.max(COLLECT_MS, tookMs)));
    }
  }

  async #reportErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Keeps what cannot be written for the next round. A claim that ends meanwhile repeats the request. */
  async #writeResults(): Promise<void> {
    const { queue } = this.#options;
    const results = this.#results;
    const unsent = this.#unsent;
    if (results.length === 0 && unsent.length === 0) return;
    this.#results = [];
    this.#unsent = [];
    try {
      const now = await this.#now();
      const outcomes = results.map(({ delivery, outcomeAt }) => ({
        delivery,
        outcome: outcomeAt(now),
      }));
      if (outcomes.length > 0) await queue.recordResults(outcomes, now);
      if (unsent.length > 0) await queue.release(unsent, now);
      this.#access.confirm();
    } catch (error) {
      this.#results.push(...results);
      this.#unsent.push(...unsent);
      throw error;
    }
    for (const { delivery } of results) this.#claims.remove(delivery);
  }

  async #extendClaims(): Promise<void> {
    const claims = this.#claims.toExtend();
    if (claims.length === 0) return;
    const confirmedAt = this.#monotonic();
    const until = (await this.#now()) + CLAIM_TIMES.termMs;
    this.#claims.confirm(claims, await this.#options.queue.extend(claims, until), confirmedAt);
    this.#access.confirm();
  }

  /** Starts with a random Service, so that none is always first. */
  async #claimDue(): Promise<void> {
    const { queue } = this.#options;
    const foundAt = await this.#now();
    const due = await queue.findDue(foundAt);
    if (this.#options.isTold?.() === true) this.#pauseMs = pauseUntil(due, foundAt);
    for (const serviceSid of rotated(due.services)) {
      const available = this.#slots.available(serviceSid);
      if (available === 0) continue;
      if (this.#stopping) return;
      const confirmedAt = this.#monotonic();
      const now = await this.#now();
      const claimed = await queue.claim(serviceSid, available, {
        now,
        until: now + CLAIM_TIMES.termMs,
        takeOver: this.#access.durationMs >= CLAIM_TIMES.termMs,
      });
      this.#access.confirm();
      for (const delivery of claimed) {
        this.#claims.add(delivery, confirmedAt);
        const attempt = this.#attempt(delivery, now).catch(this.#options.onError);
        this.#attempts.add(attempt);
        void attempt.then(() => this.#attempts.delete(attempt));
      }
    }
    this.#access.confirm();
  }

  async #attempt(claimed: ClaimedDelivery, claimedAt: number): Promise<void> {
    const { serviceSid } = claimed;
    this.#slots.acquire(serviceSid);
    const startedAt = performance.now();
    let health: ReceiverHealth = 'failing';
    try {
      const outcomeAt = await this.#outcomeOf(claimed, claimedAt);
      const isQuick = performance.now() - startedAt < QUICK_MS;
      if (outcomeAt === null) {
        this.#claims.remove(claimed);
        this.#unsent.push(claimed);
        return;
      }
      if (outcomeAt(claimedAt).status !== 'failed') health = isQuick ? 'quick' : 'slow';
      this.#results.push({ delivery: claimed, outcomeAt });
    } finally {
      this.#slots.release(serviceSid, health);
      this.wake();
    }
  }

  /** Returns null if the request was not sent, because the delivery is no longer this worker's. */
  async #outcomeOf(
    claimed: ClaimedDelivery,
    claimedAt: number,
  ): Promise<PendingResult['outcomeAt'] | null> {
    const { secrets, send, onSend, random = Math.random } = this.#options;
    const dead = (error: string) => () =>
      ({ status: 'dead', responseCode: null, attempted: false, error }) as const;
    if (claimed.target === null) return dead('The Service no longer subscribes to webhooks');
    if (claimedAt >= claimed.giveUpAt) return dead('Not delivered in time');
    const request = requestOf(claimed.target, claimed, secrets);
    if (request === null) return dead('The URL is not an HTTP URL');
    onSend?.(claimed);
    const result = await send(request, () => this.#claims.isOwned(claimed), claimed);
    if (result === 'notOwned') return null;
    const luck = random();
    return (now) => deliveryResultOf(result, claimed, now, luck);
  }

  #now(): Promise<number> {
    return this.#options.clock();
  }
}

/** The list rotated to a random start. */
function rotated<T>(list: readonly T[]): T[] {
  const from = Math.floor(Math.random() * list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}
