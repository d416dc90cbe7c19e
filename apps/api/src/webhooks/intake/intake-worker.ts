import { backOff, type EventLog, type RetryPolicy } from '#event-store';
import type { WebhookIntake } from '#operational-state';
import {
  ProjectionRunner,
  type ProjectionVersions,
  type RunnerOptions,
  type RunnerStatus,
} from '#projections';
import type { UsersReadModel, UsersState } from '#read-model';
import { WantedLog } from './wanted-log.ts';
import { WebhookStates } from './webhook-states.ts';
import { webhooksProjection } from './webhooks-projection.ts';

/** Events taken in at a time: few, since whoever notes what came of webhooks waits meanwhile for the same file. */
const BATCH_SIZE = 200;
const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 50, capMs: 5_000 };

/** What webhooks are taken in from, and into. */
export interface IntakeWorkerOptions {
  readonly accountSid: string;
  readonly log: EventLog;
  readonly intake: WebhookIntake;
  readonly readModel: {
    readonly users: Pick<UsersReadModel, 'loadStates'>;
    readonly usersVersions: Pick<ProjectionVersions<UsersState>, 'live'>;
  };
  readonly clock: () => Date;
  /** Told when deliveries have been queued. */
  readonly onQueued: () => void;
  readonly onStatus: NonNullable<RunnerOptions['onStatus']>;
}

/** Of a log that nobody has followed yet, what is there already is history: webhooks begin with what comes now. */
export async function beginIntake(
  intake: Pick<WebhookIntake, 'begin'>,
  log: Pick<EventLog, 'epoch' | 'head'>,
): Promise<void> {
  await intake.begin(log.epoch, await log.head());
}

/** Takes webhooks in from the log, until stopped. Any number of workers may do so. */
export class IntakeWorker {
  readonly #options: IntakeWorkerOptions;
  readonly #runner: Pick<ProjectionRunner<never, never>, 'start' | 'stop'>;
  readonly #stopping = new AbortController();
  #beginning: Promise<void> | null = null;

  constructor(options: IntakeWorkerOptions) {
    this.#options = options;
    const { accountSid, log, intake, readModel, clock, onQueued, onStatus } = options;
    const users = readModel.usersVersions.live();
    const states = new WebhookStates(intake, {
      log,
      readModel: readModel.users,
      holdings: async () => {
        await users.checkpoint();
        return users.deadLetters();
      },
      clock,
      onQueued,
    });
    this.#runner = new ProjectionRunner(
      webhooksProjection({ accountSid, epoch: log.epoch }),
      new WantedLog(log, (...until) => states.written(...until)),
      states,
      { batchSize: BATCH_SIZE, onStatus },
    );
  }

  start(): void {
    this.#beginning ??= this.#begin();
  }

  /** Finishes the transaction under way and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#beginning;
    await this.#runner.stop();
  }

  async #begin(): Promise<void> {
    const { intake, log, onStatus } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await beginIntake(intake, log);
        this.#runner.start();
        return;
      } catch (error) {
        onStatus(downBecause(error));
        await backOff(RETRY, attempt, signal);
      }
    }
  }
}

function downBecause(error: unknown): RunnerStatus {
  const reason = error instanceof Error ? error.message : String(error);
  return { state: 'down', position: null, error: reason };
}
