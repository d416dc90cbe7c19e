import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { JobKind, JobRunner, ProjectionJob } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import { Settings } from '#shared/settings/settings';
import { carryOutJob } from '#shared/use-cases/projection-jobs/carry-out-job';
import { SilentJobs } from '#shared/use-cases/projection-jobs/silent-jobs';
import { BackgroundLoop } from '../../platform/background-loop.ts';
import { MONOTONIC, STORES, type Monotonic } from '../../platform/injection-tokens.ts';
import { logFailure } from '../../platform/log-failure.ts';
import type { RoundResult } from '../../platform/polling-loop.ts';
import { ToldWork } from '../../platform/told-work.ts';
import { runJobInThread } from './run-job-in-thread.ts';

/** Milliseconds between two looks for jobs, at least, and while there are none. */
const LOOK_MS = 500;
const IDLE_LOOK_MS = 1_000;
/** The same while a job is under way somewhere, whose runner may die. */
const WATCH_MS = 1_000;
/** Milliseconds without a heartbeat after which a runner counts as dead. */
const SILENCE_MS = 10_000;

/** A process carries out one job of each lane at a time: a retry of dead letters must not wait for a rebuild of hours. */
const LANES = {
  fold: ['rebuild', 'verify'],
  change: ['switch', 'drop', 'retry', 'skip'],
} as const satisfies Readonly<Record<string, readonly JobKind[]>>;
type Lane = keyof typeof LANES;
const LANE_NAMES = ['fold', 'change'] as const satisfies readonly Lane[];

/**
 * Carries out the jobs on projections that were asked for over the API, in processes whose role is `worker` or `all`, each
 * in a thread of its own. Processes of every role fail the jobs whose runners have died.
 */
@Injectable()
export class ProjectionJobs extends BackgroundLoop {
  readonly #runner: JobRunner = {
    id: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    silenceMs: SILENCE_MS,
  };
  readonly #silent = new SilentJobs();
  readonly #stopping = new AbortController();
  readonly #running = new Map<Lane, Promise<void>>();

  constructor(
    private readonly settings: Settings,
    @Inject(STORES) private readonly stores: Stores,
    @Inject(MONOTONIC) private readonly monotonic: Monotonic,
  ) {
    super({
      name: 'Looking for jobs on projections',
      pauseMs: LOOK_MS,
      idlePauseMs: IDLE_LOOK_MS,
      isEnabled: true,
      signal: new ToldWork(stores.signals?.jobs ?? null),
    });
  }

  /** Fails jobs of dead runners, and starts those that are queued and that this process may start. */
  async runOnce(): Promise<RoundResult> {
    const { projectionJobs: jobs } = this.stores.operations;
    const now = this.monotonic();
    const active = await jobs.active();
    for (const job of this.#silent.find(active, now)) await this.#abandon(job);
    if (this.settings.ROLE !== 'api' && active.some(({ status }) => status === 'queued')) {
      for (const lane of LANE_NAMES) await this.#startNext(lane);
    }
    return active.length === 0 ? 'idle' : { againInMs: WATCH_MS };
  }

  /** Jobs that still run go back into the queue. */
  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    this.#stopping.abort(new Error('The process stops'));
    await Promise.all(this.#running.values());
  }

  async #abandon(job: ProjectionJob): Promise<void> {
    const { projectionJobs: jobs, now } = this.stores.operations;
    const { sid, kind, projection, runner } = job;
    const error = `The process that ran it (${runner?.id ?? 'unknown'}) has ended or shows no sign of life`;
    if (await jobs.abandon(job, error, await now())) {
      this.logger.warn(`Job ${sid} (${kind} of ${projection}) failed: ${error}`);
    }
  }

  async #startNext(lane: Lane): Promise<void> {
    if (this.#running.has(lane)) return;
    const { projectionJobs: jobs, now } = this.stores.operations;
    const job = await jobs.claim(LANES[lane], this.#runner, await now());
    if (job === null) return;
    const ended = this.#carryOut(job).finally(() => this.#running.delete(lane));
    this.#running.set(lane, ended);
  }

  /** Never rejects. */
  async #carryOut(job: ProjectionJob): Promise<void> {
    const { sid, kind, projection, requestedBy } = job;
    const name = `Job ${sid} (${kind} of ${projection})`;
    this.logger.log(`${name} started, requested by ${requestedBy}`);
    const end = await carryOutJob(this.stores.operations, job, {
      work: (work) => runJobInThread(this.settings, job, work),
      stop: this.#stopping.signal,
      onError: (error) => logFailure(this.logger, 'warn', `Cannot record ${name}; retrying`, error),
    });
    if (end.status === 'failed') this.logger.error(`${name} failed: ${end.error}`);
    else this.logger.log(`${name}: ${end.status}`);
  }
}
