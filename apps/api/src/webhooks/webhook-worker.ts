import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import type { Credentials } from '#shared/composition/credentials';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { CLOCK, CREDENTIALS, STORES, type Clock } from '../infrastructure/tokens.ts';
import { Loop } from '../workers/loop.ts';
import { AddressFilter } from './delivery/address-filter.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { HttpSender } from './delivery/http-sender.ts';
import { beginIntake } from './intake/intake-worker.ts';

const DAY_MS = 24 * 3_600_000;
/** What the delivery log keeps of what is settled. */
const RETENTION = { deliveredMs: 7 * DAY_MS, deadMs: 30 * DAY_MS, maxPerStatus: 100_000 };
const PRUNE_EVERY_MS = 60_000;

/** Sends the webhooks that have been taken in from the log, in processes whose role is `worker` or `all`. */
@Injectable()
export class WebhookWorker implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(WebhookWorker.name);
  readonly #wanted: boolean;
  readonly #stores: Stores;
  readonly #sender: HttpSender;
  readonly #dispatcher: Dispatcher;
  readonly #pruning: Loop;

  constructor(
    settings: Settings,
    @Inject(STORES) stores: Stores,
    @Inject(CREDENTIALS) { authToken }: Credentials,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#wanted = settings.ROLE !== 'api';
    this.#stores = stores;
    const { webhookQueue } = stores.operations;
    this.#sender = new HttpSender(new AddressFilter(allowedNetworks(settings)));
    this.#dispatcher = new Dispatcher({
      queue: webhookQueue,
      send: (request) => this.#sender.send(request),
      authToken,
      clock,
      onError: (error) => this.#logger.error(`Webhooks cannot be sent: ${String(error)}`),
    });
    this.#pruning = new Loop(
      'Forgetting old webhook deliveries',
      async () => {
        const pruned = await webhookQueue.prune(RETENTION, clock().getTime());
        return pruned > 0 ? 'more' : 'idle';
      },
      PRUNE_EVERY_MS,
      this.#logger,
    );
  }

  /** What is written once this process serves is to be told, however long the intake takes to start. */
  async onModuleInit(): Promise<void> {
    if (!this.#wanted) return;
    this.#dispatcher.start();
    this.#pruning.start();
    try {
      await beginIntake(this.#stores.operations.webhookEnqueuerStore, this.#stores.events);
    } catch (error) {
      this.#logger.error(`Webhooks cannot be taken in yet: ${String(error)}`);
    }
  }

  /** Some have been queued: looks for them now, instead of a moment later. */
  wake(): void {
    this.#dispatcher.wake();
  }

  /** What is under way is sent to its end; what comes after is the next worker's. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.#dispatcher.stop(), this.#pruning.stop()]);
    this.#sender.close();
  }
}

function allowedNetworks({ WEBHOOK_ALLOWED_NETWORKS: networks }: Settings): string[] {
  return networks === undefined ? [] : networks.split(',');
}
