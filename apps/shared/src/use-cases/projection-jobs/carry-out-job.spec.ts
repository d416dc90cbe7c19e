import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobResult, OperationalState, ProjectionJob } from '#operational-state';
import {
  openSqliteOperationalState,
  type SqliteOperationalState,
} from '#operational-state/adapters/sqlite/index';
import { SqliteProjectionJobStore } from '#operational-state/adapters/sqlite/sqlite-projection-job-store';
import { jobWith } from '../../../../../test/support/projection-jobs.ts';
import { until } from '../../../../../test/support/until.ts';
import { carryOutJob, type JobEnd } from './carry-out-job.ts';
import type { JobWork } from './run-job.ts';

const RUNNER = { id: 'machine:1', silenceMs: 10_000 };
const SUCCESS: JobResult = { version: 2, events: 10 };

/** Work that a test ends, unless it is asked to stop. */
class Work {
  readonly end = Promise.withResolvers<JobResult>();
  tell: JobWork['onProgress'] = () => undefined;

  readonly run = ({ signal, onProgress }: JobWork): Promise<JobResult> => {
    this.tell = onProgress;
    signal.addEventListener('abort', () => this.end.reject(signal.reason));
    return this.end.promise;
  };
}

describe('A job that is carried out', () => {
  let directory: string;
  let state: SqliteOperationalState;
  let job: ProjectionJob;
  let work: Work;
  let stopping: AbortController;
  let errors: unknown[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jobs-'));
    state = openSqliteOperationalState(join(directory, 'state.db'));
    const created = await state.projectionJobs.create(jobWith(), RUNNER, 1);
    job = created.job;
    work = new Work();
    stopping = new AbortController();
    errors = [];
  });
  afterEach(() => {
    state.close();
    rmSync(directory, { recursive: true });
  });

  const carryOut = (
    operations: Pick<OperationalState, 'projectionJobs' | 'now'> = state,
  ): Promise<JobEnd> =>
    carryOutJob(operations, job, {
      work: work.run,
      stop: stopping.signal,
      onError: (error) => errors.push(error),
    });

  const stored = () => state.projectionJobs.find('users', job.sid);

  it('ends with its result and its last progress', async () => {
    const ended = carryOut();
    work.tell({ events: 10, totalEvents: 10 });
    work.end.resolve(SUCCESS);
    expect(await ended).toEqual({ status: 'succeeded', result: SUCCESS });
    expect(await stored()).toMatchObject({
      status: 'succeeded',
      result: SUCCESS,
      progress: { events: 10, totalEvents: 10 },
    });
  });

  it('ends with the reason of its failure, of 2,000 characters at most', async () => {
    const ended = carryOut();
    work.end.reject(new Error(`no good${'!'.repeat(5_000)}`));
    await ended;
    const failed = await stored();
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringMatching(/^no good!/) });
    expect(failed?.error).toHaveLength(2_000);
  });

  it('shows its progress with each heartbeat', async () => {
    const ended = carryOut();
    work.tell({ events: 5, totalEvents: 10 });
    await until('the progress', async () =>
      (await stored())?.progress?.events === 5 ? true : undefined,
    );
    work.end.resolve(SUCCESS);
    await ended;
  });

  it('ends when it is cancelled', async () => {
    const ended = carryOut();
    await state.projectionJobs.cancel('users', job.sid, 'key:SK2', 2);
    expect(await ended).toEqual({ status: 'cancelled' });
    expect(await stored()).toMatchObject({ status: 'cancelled', cancelledBy: 'key:SK2' });
  });

  it('that was done before its cancellation was heard of has succeeded', async () => {
    const ended = carryOut();
    await state.projectionJobs.cancel('users', job.sid, 'key:SK2', 2);
    work.end.resolve(SUCCESS);
    expect(await ended).toMatchObject({ status: 'succeeded' });
  });

  it('goes back into the queue when its process stops', async () => {
    const ended = carryOut();
    stopping.abort();
    expect(await ended).toEqual({ status: 'released' });
    expect(await stored()).toMatchObject({ status: 'queued' });
  });

  it('ends without a record when others have given it up', async () => {
    const ended = carryOut();
    await until('its failure', async () => {
      const found = await stored();
      return found !== null && (await state.projectionJobs.abandon(found, 'it died', 3))
        ? true
        : undefined;
    });
    expect(await ended).toEqual({ status: 'lost' });
    expect(await stored()).toMatchObject({ status: 'failed', error: 'it died' });
  });

  it('is recorded once the store can be written again', async () => {
    let failures = 2;
    class FailingJobs extends SqliteProjectionJobStore {
      override async finish(
        ...call: Parameters<SqliteProjectionJobStore['finish']>
      ): Promise<boolean> {
        failures -= 1;
        if (failures >= 0) throw new Error('The disk is full');
        return super.finish(...call);
      }
    }
    const db = new DatabaseSync(join(directory, 'state.db'));
    const ended = carryOut({ now: state.now, projectionJobs: new FailingJobs(db) });
    work.end.resolve(SUCCESS);
    expect(await ended).toMatchObject({ status: 'succeeded' });
    expect(errors).toHaveLength(2);
    db.close();
  });
});
