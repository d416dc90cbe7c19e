import { setTimeout as delay } from 'node:timers/promises';
import { WebhookReceiver, type ReceiverAnswer } from '../../support/webhook-receiver.ts';
import { Random } from '../random.ts';

/** One request of a webhook, and its answer. */
export interface WebhookRequest {
  /** The same for all requests of one delivery. */
  readonly token: string;
  readonly user: string;
  readonly version: string;
  readonly isOnline: string | undefined;
  readonly isNotifiable: string | undefined;
  readonly at: number;
  readonly status: number;
  answeredAt: number | null;
}

/** An endpoint for webhooks that records every request. It answers late at times, and with 503 at times. */
export class WebhookRecorder {
  readonly requests: WebhookRequest[] = [];
  readonly #receiver: WebhookReceiver;
  readonly #random: Random;
  #isKind = false;

  private constructor(receiver: WebhookReceiver, seed: number) {
    this.#receiver = receiver;
    this.#random = new Random(seed, 'webhooks');
    receiver.answer = ({ at, headers, parameters }) => {
      const status = !this.#isKind && this.#random.chance(0.04) ? 503 : 204;
      const request: WebhookRequest = {
        token: String(headers['i-twilio-idempotency-token']),
        user: parameters['Identity'] ?? '',
        version: parameters['Version'] ?? '',
        isOnline: parameters['IsOnline'],
        isNotifiable: parameters['IsNotifiable'],
        at,
        status,
        answeredAt: null,
      };
      this.requests.push(request);
      return this.#answer(request);
    };
  }

  static async start(seed: number): Promise<WebhookRecorder> {
    return new WebhookRecorder(await WebhookReceiver.start(), seed);
  }

  get url(): string {
    return this.#receiver.url;
  }

  /** Answers 204 at once from now on. */
  becomeKind(): void {
    this.#isKind = true;
  }

  stop(): Promise<void> {
    return this.#receiver.stop();
  }

  async #answer(request: WebhookRequest): Promise<ReceiverAnswer> {
    if (!this.#isKind && this.#random.chance(0.1)) await delay(this.#random.whole(50, 1_000));
    request.answeredAt = Date.now();
    return { status: request.status };
  }
}
