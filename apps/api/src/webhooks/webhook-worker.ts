import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { backOff, type EventStore } from '#event-store';
import { ProjectionRunner, type RunnerState, type RunnerStatus } from '#projections';
import type { Credentials } from '#shared/composition/credentials';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { CLOCK, CREDENTIALS, STORES, type Clock } from '../infrastructure/tokens.ts';
import { Loop } from '../workers/loop.ts';
import { AddressFilter } from './delivery/address-filter.ts';
import { Dispatcher } from './delivery/dispatcher.ts';
import { HttpSender } from './delivery/http-sender.ts';
import { WantedLog } from './intake/wanted-log.ts';
import { WebhookStates } from './intake/webhook-states.ts';
import { webhooksProjection } from './intake/webhooks-projection.ts';

const DAY_MS = 24 * 3_600_000;
/** What the delivery log keeps of what is settled. */
const RETENTION = { deliveredMs: 7 * DAY_MS, deadMs: 30 * DAY_MS, most: 100_000 };
const PRUNE_EVERY_MS = 60_000;
const RETRY = { attempts: Infinity, baseMs: 50, capMs: 5_000 };

/** Takes webhooks in from the log and sends them, in processes whose role is `worker` or `all`. */
@Injectable()
export class WebhookWorker implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(WebhookWorker.name);
  readonly #wanted: boolean;
  readonly #events: EventStore;
  readonly #stores: Stores;
  readonly #sender: HttpSender;
  readonly #dispatcher: Dispatcher;
  readonly #intake;
  readonly #pruning: Loop;
  readonly #stopping = new AbortController();
  #intakeState: RunnerState = 'stopped';
  #starting: Promise<void> = Promise.resolve();

  constructor(
    settings: Settings,
    @Inject(STORES) stores: Stores,
    @Inject(CREDENTIALS) { accountSid, authToken }: Credentials,
    @Inject(CLOCK) clock: Clock,
  ) {
    const { events, operations, readModel } = stores;
    const { webhookIntake, webhookQueue } = operations;
    this.#wanted = settings.ROLE !== 'api';
    this.#events = events;
    this.#stores = stores;
    this.#sender = new HttpSender(new AddressFilter(allowedNetworks(settings)));
    this.#dispatcher = new Dispatcher({
      queue: webhookQueue,
      send: (request) => this.#sender.send(request),
      authToken,
      clock,
      onError: (error) => this.#logger.error(`Webhooks cannot be sent: ${String(error)}`),
    });
    const users = readModel.usersVersions.live();
    const states = new WebhookStates(webhookIntake, {
      log: events,
      readModel: readModel.users,
      holdings: async () => {
        await users.checkpoint();
        return users.holdings();
      },
      clock,
      onQueued: () => this.#dispatcher.wake(),
    });
    const projection = webhooksProjection({ accountSid, epoch: events.epoch });
    const wantedLog = new WantedLog(events, (...until) => states.written(...until));
    this.#intake = new ProjectionRunner(projection, wantedLog, states, {
      onStatus: (status) => this.#note(status),
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

  async onModuleInit(): Promise<void> {
    if (!this.#wanted) return;
    this.#dispatcher.start();
    this.#pruning.start();
    try {
      await this.#begin();
    } catch (error) {
      this.#logger.error(`Webhooks cannot be taken in yet: ${String(error)}`);
      this.#starting = this.#beginLater();
    }
  }

  /** What is under way is sent to its end; what comes after is the next worker's. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#starting;
    await Promise.all([this.#intake.stop(), this.#dispatcher.stop(), this.#pruning.stop()]);
    this.#sender.close();
  }

  /** Of a log that nobody has followed yet, what is there already is history. */
  async #begin(): Promise<void> {
    const { webhookIntake } = this.#stores.operations;
    await webhookIntake.begin(this.#events.epoch, await this.#events.head());
    this.#intake.start();
  }

  async #beginLater(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      await backOff(RETRY, attempt, signal);
      try {
        await this.#begin();
        return;
      } catch (error) {
        this.#logger.error(`Webhooks cannot be taken in yet: ${String(error)}`);
      }
    }
  }

  #note({ state, error }: RunnerStatus): void {
    if (state === this.#intakeState) return;
    this.#intakeState = state;
    if (state === 'down') this.#logger.error(`Webhooks are not taken in: ${error ?? 'no reason'}`);
  }
}

function allowedNetworks({ WEBHOOK_ALLOWED_NETWORKS: networks }: Settings): string[] {
  return networks === undefined ? [] : networks.split(',');
}
