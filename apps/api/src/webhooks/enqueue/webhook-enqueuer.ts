import { errorMessage } from '#domain';
import { OUTAGE_RETRY, retryUntilAborted, type EventLog } from '#event-store';
import type { SharedClock, WebhookEnqueuerStore } from '#operational-state';
import { ProjectionRunner, type ProjectionVersions, type RunnerOptions } from '#projections';
import type { UsersReadModel, UsersState } from '#read-model';
import { FilteredLog } from './filtered-log.ts';
import { WebhookStates } from './webhook-states.ts';
import { webhooksProjection } from './webhooks-projection.ts';

/** Events of one transaction. Few, because recording delivery results waits for the same file meanwhile. */
const BATCH_SIZE = 200;

/** Where the enqueuer reads from and writes to. */
interface WebhookEnqueuerOptions {
  readonly accountSid: string;
  readonly log: EventLog;
  readonly store: WebhookEnqueuerStore;
  readonly readModel: {
    readonly users: Pick<UsersReadModel, 'loadStates'>;
    readonly usersVersions: Pick<ProjectionVersions<UsersState>, 'live'>;
  };
  readonly clock: SharedClock;
  /** Called when deliveries have been queued. */
  readonly onQueued: () => void;
  readonly onStatus: NonNullable<RunnerOptions['onStatus']>;
  /** See {@link RunnerOptions}. */
  readonly onCommitted?: RunnerOptions['onCommitted'];
}

/** Sets the start of webhooks to the current head of the log, unless they have a start in this log already. */
export async function startWebhooks(
  store: Pick<WebhookEnqueuerStore, 'begin'>,
  log: Pick<EventLog, 'epoch' | 'head'>,
): Promise<void> {
  await store.begin(log.epoch, await log.head());
}

/** Follows the log and queues the webhooks that its events trigger, until stopped. Any number of workers may run. */
export class WebhookEnqueuer {
  readonly #options: WebhookEnqueuerOptions;
  readonly #runner: Pick<ProjectionRunner<never, never>, 'start' | 'stop'>;
  readonly #stopping = new AbortController();
  #starting: Promise<void> | null = null;

  constructor(options: WebhookEnqueuerOptions) {
    this.#options = options;
    const { accountSid, log, store, readModel, clock, onQueued, onStatus, onCommitted } = options;
    const users = readModel.usersVersions.live();
    const states = new WebhookStates(store, {
      log,
      readModel: readModel.users,
      deadLetters: async () => {
        await users.checkpoint();
        return users.deadLetters();
      },
      clock,
      onQueued,
    });
    this.#runner = new ProjectionRunner(
      webhooksProjection({ accountSid, epoch: log.epoch }),
      new FilteredLog(log, (...until) => states.waitUntilWritten(...until)),
      states,
      // Events of Users without webhooks are left out, and the webhooks that a state has triggered are written once.
      {
        batchSize: BATCH_SIZE,
        cachedStates: 0,
        onStatus,
        ...(onCommitted === undefined ? {} : { onCommitted }),
      },
    );
  }

  start(): void {
    this.#starting ??= this.#start();
  }

  /** Finishes the current transaction, then ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#starting;
    await this.#runner.stop();
  }

  async #start(): Promise<void> {
    const { store, log, onStatus } = this.#options;
    const begin = async (): Promise<void> => {
      await startWebhooks(store, log);
      this.#runner.start();
    };
    await retryUntilAborted(OUTAGE_RETRY, this.#stopping.signal, begin, (error) =>
      onStatus({ state: 'down', position: null, error: errorMessage(error) }),
    );
  }
}
