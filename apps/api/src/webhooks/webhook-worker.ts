import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { SharedClock } from '#operational-state';
import type { Credentials } from '#shared/composition/credentials';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import type { Tracing } from '#shared/tracing/tracing';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { CREDENTIALS, SHARED_CLOCK, STORES, TRACING } from '../platform/injection-tokens.ts';
import { PollingLoop } from '../platform/polling-loop.ts';
import { AddressFilter } from './deliver/address-filter.ts';
import { Dispatcher } from './deliver/dispatcher.ts';
import { HttpSender } from './deliver/http-sender.ts';
import { sendTraced } from './deliver/send-traced.ts';
import { webhookSecrets } from './deliver/webhook-secrets.ts';
import { startWebhooks } from './enqueue/webhook-enqueuer.ts';
import { logFailure } from '../platform/log-failure.ts';

const DAY_MS = 24 * 3_600_000;
/** How long, and how many, settled deliveries stay in the delivery log. */
const RETENTION = { deliveredMs: 7 * DAY_MS, deadMs: 30 * DAY_MS, maxPerStatus: 100_000 };
const PRUNE_EVERY_MS = 60_000;

/** Sends the queued webhooks, in processes whose role is `worker` or `all`. */
@Injectable()
export class WebhookWorker implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(WebhookWorker.name);
  readonly #sender: HttpSender;
  readonly #dispatcher: Dispatcher;
  readonly #pruning: PollingLoop;
  #isTold = false;

  constructor(
    private readonly settings: Settings,
    @Inject(STORES) private readonly stores: Stores,
    @Inject(CREDENTIALS) credentials: Credentials,
    @Inject(SHARED_CLOCK) clock: SharedClock,
    published: PublishedPositions,
    @Inject(TRACING) tracing: Tracing | null,
  ) {
    const { webhookQueue } = stores.operations;
    this.#sender = new HttpSender(new AddressFilter(allowedNetworks(settings)));
    this.#dispatcher = new Dispatcher({
      queue: webhookQueue,
      send: (request, isOwned, delivery) =>
        sendTraced(tracing, delivery, request, (traced) => this.#sender.send(traced, isOwned)),
      secrets: webhookSecrets(settings, credentials),
      clock,
      isTold: () => this.#isTold,
      onSend: (delivery) => published.record(delivery.position, delivery),
      onError: (error) => logFailure(this.#logger, 'error', 'Cannot send webhooks', error),
    });
    this.#pruning = new PollingLoop(
      'Pruning webhook deliveries',
      async () => {
        const pruned = await webhookQueue.prune(RETENTION, await clock());
        return pruned > 0 ? 'more' : 'idle';
      },
      { least: PRUNE_EVERY_MS },
      this.#logger,
    );
  }

  /** Looks for deliveries whenever any process has queued some. */
  #listen(): void {
    this.stores.signals?.webhooks({
      onChange: () => this.wake(),
      onListening: () => {
        this.#isTold = true;
        this.wake();
      },
      onLost: () => {
        this.#isTold = false;
        this.wake();
      },
    });
  }

  /** Fixes the start of the webhooks in the log before this process serves, so that no later write is missed. */
  async onModuleInit(): Promise<void> {
    if (this.settings.ROLE === 'api') return;
    this.#listen();
    this.#dispatcher.start();
    this.#pruning.start();
    try {
      await startWebhooks(this.stores.operations.webhookEnqueuerStore, this.stores.events);
    } catch (error) {
      logFailure(this.#logger, 'error', 'Cannot enqueue webhooks yet', error);
    }
  }

  /** Looks for due deliveries now instead of at the next poll. */
  wake(): void {
    this.#dispatcher.wake();
  }

  /** Requests in flight end first. Deliveries that remain are left to the next worker. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.#dispatcher.stop(), this.#pruning.stop()]);
    await this.#sender.close();
  }
}

function allowedNetworks({ WEBHOOK_ALLOWED_NETWORKS: networks }: Settings): string[] {
  return networks === undefined ? [] : networks.split(',');
}
