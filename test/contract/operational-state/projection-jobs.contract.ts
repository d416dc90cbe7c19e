import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JOB_KINDS, type JobKind, type NewJob, type ProjectionJob } from '#operational-state';
import type { OpenedTwice, OpenTwice } from './opened.ts';

const RUNNER = { id: 'machine:1', silenceMs: 10_000 };
const OTHER = { id: 'machine:2', silenceMs: 20_000 };
const LONG: readonly JobKind[] = ['rebuild', 'verify'];

const newJob = (number: number, changes: Partial<NewJob> = {}): NewJob => ({
  sid: `JB${String(number).padStart(32, '0')}`,
  projection: 'users',
  kind: 'rebuild',
  parameters: {},
  requestedBy: 'key:SK1',
  ...changes,
});

/** What every store of jobs does. */
export function projectionJobsContract(adapter: string, open: OpenTwice): void {
  describe(`Jobs in ${adapter}`, () => {
    let opened: OpenedTwice;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const one = () => opened.one.projectionJobs;
    const other = () => opened.other.projectionJobs;

    async function running(number = 1): Promise<ProjectionJob> {
      await one().create(newJob(number), null, 100);
      const job = await one().claim(JOB_KINDS, RUNNER, 200);
      if (job === null) throw new Error('No job was queued');
      return job;
    }

    it('are shown by other processes as they were asked for', async () => {
      const parameters = { version: 3, restart: true, event: { stream: 'user-1', revision: 7 } };
      const { outcome, job } = await one().create(newJob(1, { parameters }), null, 100);
      expect(outcome).toBe('created');
      expect(job).toMatchObject({
        ...newJob(1, { parameters }),
        status: 'queued',
        cancelledBy: null,
        runner: null,
        progress: null,
        result: null,
        error: null,
        createdAt: 100,
        startedAt: null,
        updatedAt: 100,
        endedAt: null,
      });
      expect(await other().find('users', job.sid)).toEqual(job);
      expect(await other().find('timeline', job.sid)).toBeNull();
      expect(await other().active()).toEqual([job]);
    });

    it('of a kind and projection exist once until they end', async () => {
      const first = newJob(1);
      await one().create(first, null, 100);
      expect(await other().create(newJob(2), null, 110)).toMatchObject({
        outcome: 'conflict',
        job: { sid: first.sid },
      });
      expect(await other().create(first, null, 120)).toMatchObject({
        outcome: 'exists',
        job: { sid: first.sid, createdAt: 100 },
      });
      const others = [newJob(3, { kind: 'verify' }), newJob(4, { projection: 'timeline' })];
      for (const job of others) {
        expect(await other().create(job, null, 130)).toMatchObject({ outcome: 'created' });
      }
      await one().claim(LONG, RUNNER, 140);
      expect(await other().create(newJob(2), null, 150)).toMatchObject({ outcome: 'conflict' });
      await one().finish(first.sid, RUNNER.id, { status: 'succeeded', result: {} }, 160);
      expect(await other().create(newJob(2), null, 170)).toMatchObject({ outcome: 'created' });
    });

    it('that two processes ask for at once are created once', async () => {
      const created = await Promise.all(
        [one(), other()].map((store, index) => store.create(newJob(index), null, 100)),
      );
      expect(created.map(({ outcome }) => outcome).sort()).toEqual(['conflict', 'created']);
      expect(new Set(created.map(({ job }) => job.sid)).size).toBe(1);
    });

    it('are claimed once each, the oldest first, by a runner that takes their kind', async () => {
      await one().create(newJob(1, { kind: 'retry' }), null, 100);
      await one().create(newJob(2), null, 100);
      await one().create(newJob(3, { kind: 'verify' }), null, 100);
      const claimed = await Promise.all([
        one().claim(LONG, RUNNER, 200),
        other().claim(LONG, OTHER, 200),
      ]);
      expect(claimed.map((job) => job?.sid).sort()).toEqual([newJob(2).sid, newJob(3).sid]);
      expect(await one().claim(LONG, RUNNER, 300)).toBeNull();
      expect(await one().claim(['retry'], RUNNER, 300)).toMatchObject({
        kind: 'retry',
        status: 'running',
        runner: RUNNER,
        startedAt: 300,
      });
    });

    it('can begin with their runner', async () => {
      await one().create(newJob(1), OTHER, 100);
      expect(await one().claim(JOB_KINDS, RUNNER, 200)).toBeNull();
      expect(await one().find('users', newJob(1).sid)).toMatchObject({
        status: 'running',
        runner: OTHER,
        startedAt: 100,
      });
    });

    it('show the progress of their runner and change with each heartbeat', async () => {
      const { sid, heartbeats } = await running();
      const progress = { events: 70, totalEvents: 100 };
      const first = await one().heartbeat(sid, RUNNER.id, progress, 300);
      expect(first).toMatchObject({ progress, updatedAt: 300 });
      const second = await one().heartbeat(sid, RUNNER.id, { events: 80, totalEvents: null }, 400);
      expect(second?.progress).toEqual({ events: 80, totalEvents: null });
      expect(new Set([heartbeats, first?.heartbeats, second?.heartbeats]).size).toBe(3);
      expect(await other().heartbeat(sid, OTHER.id, progress, 500)).toBeNull();
    });

    it('keep their result, all of it', async () => {
      const { sid } = await running();
      const result = {
        version: 2,
        events: 10,
        remaining: 0,
        verification: {
          position: '7',
          rows: 3,
          differences: 1,
          shown: [
            {
              table: 'users',
              key: 'US1',
              kind: 'different',
              columns: [{ column: 'identity', live: 'a', rebuilt: 'b' }],
            },
          ],
          liveHash: 'x',
          rebuiltHash: 'y',
          deadLetters: 0,
        },
      } as const;
      const outcome = { status: 'succeeded', result } as const;
      expect(await other().finish(sid, OTHER.id, outcome, 400)).toBe(false);
      expect(await one().finish(sid, RUNNER.id, outcome, 500)).toBe(true);
      expect(await other().find('users', sid)).toMatchObject({
        status: 'succeeded',
        result,
        endedAt: 500,
      });
      expect(await one().finish(sid, RUNNER.id, { status: 'cancelled' }, 600)).toBe(false);
      expect(await one().active()).toEqual([]);
    });

    it('keep why they failed', async () => {
      const { sid } = await running();
      await one().finish(sid, RUNNER.id, { status: 'failed', error: 'no good' }, 500);
      expect(await other().find('users', sid)).toMatchObject({
        status: 'failed',
        error: 'no good',
      });
    });

    it('end at once when they are cancelled in the queue', async () => {
      await one().create(newJob(1), null, 100);
      expect(await other().cancel('users', newJob(1).sid, 'key:SK2', 200)).toMatchObject({
        status: 'cancelled',
        cancelledBy: 'key:SK2',
        endedAt: 200,
      });
      expect(await one().claim(JOB_KINDS, RUNNER, 300)).toBeNull();
    });

    it('tell their runner with its next heartbeat when they are cancelled', async () => {
      const { sid } = await running();
      expect(await other().cancel('users', sid, 'key:SK2', 200)).toMatchObject({
        status: 'running',
        cancelledBy: 'key:SK2',
      });
      await other().cancel('users', sid, 'key:SK3', 250);
      expect(await one().heartbeat(sid, RUNNER.id, null, 300)).toMatchObject({
        cancelledBy: 'key:SK2',
      });
      await one().finish(sid, RUNNER.id, { status: 'cancelled' }, 400);
      expect(await other().cancel('users', sid, 'key:SK3', 500)).toMatchObject({
        status: 'cancelled',
        endedAt: 400,
        updatedAt: 400,
      });
      expect(await other().cancel('timeline', sid, 'key:SK3', 500)).toBeNull();
    });

    it('go back into the queue when their runner stops, unless they are to be cancelled', async () => {
      const first = await running();
      await other().release(first.sid, OTHER.id, 300);
      expect(await one().find('users', first.sid)).toMatchObject({ status: 'running' });
      await one().release(first.sid, RUNNER.id, 300);
      expect(await other().claim(JOB_KINDS, OTHER, 400)).toMatchObject({
        sid: first.sid,
        runner: OTHER,
        startedAt: 400,
      });
      await one().cancel('users', first.sid, 'key:SK2', 500);
      await other().release(first.sid, OTHER.id, 600);
      expect(await one().find('users', first.sid)).toMatchObject({
        status: 'cancelled',
        endedAt: 600,
      });
    });

    it('fail when their runner was silent since somebody looked, and only then', async () => {
      const seen = await running();
      const later = await one().heartbeat(seen.sid, RUNNER.id, null, 300);
      expect(await other().abandon(seen, 'it died', 400)).toBe(false);
      if (later === null) throw new Error('The job is gone');
      expect(await other().abandon(later, 'it died', 500)).toBe(true);
      expect(await one().find('users', seen.sid)).toMatchObject({
        status: 'failed',
        error: 'it died',
        endedAt: 500,
      });
      expect(await one().heartbeat(seen.sid, RUNNER.id, null, 600)).toBeNull();
      expect(await other().abandon(later, 'it died', 700)).toBe(false);
    });

    it('are listed in pages, newest first, and filtered', async () => {
      for (let number = 1; number <= 5; number += 1) {
        const kind = number % 2 === 0 ? 'verify' : 'rebuild';
        await one().create(newJob(number, { kind }), RUNNER, number);
        const error = `error ${number}`;
        await one().finish(newJob(number).sid, RUNNER.id, { status: 'failed', error }, number);
      }
      await one().create(newJob(6, { projection: 'timeline' }), null, 6);
      const filter = { projection: 'users' };
      const errors = (rows: readonly ProjectionJob[]) => rows.map(({ error }) => error);
      const first = await other().list(filter, { after: null }, 2);
      expect(first).toMatchObject({ hasPrevious: false, hasNext: true });
      expect(errors(first.rows)).toEqual(['error 5', 'error 4']);
      const second = await other().list(filter, { after: first.rows[1]?.number ?? null }, 10);
      expect(second).toMatchObject({ hasPrevious: true, hasNext: false });
      expect(errors(second.rows)).toEqual(['error 3', 'error 2', 'error 1']);
      const back = await other().list(filter, { before: second.rows[0]?.number ?? 0 }, 1);
      expect(back).toMatchObject({ hasPrevious: true, hasNext: true });
      expect(errors(back.rows)).toEqual(['error 4']);
      const verified = await other().list({ ...filter, kind: 'verify' }, { after: null }, 10);
      expect(errors(verified.rows)).toEqual(['error 4', 'error 2']);
      const queued = await other().list({ ...filter, status: 'queued' }, { after: null }, 10);
      expect(queued.rows).toEqual([]);
    });

    it('that have ended are pruned, except the newest', async () => {
      for (let number = 1; number <= 4; number += 1) {
        await one().create(newJob(number), RUNNER, number);
        await one().finish(newJob(number).sid, RUNNER.id, { status: 'cancelled' }, number);
      }
      await one().create(newJob(5), null, 5);
      await other().prune('timeline', 0);
      await other().prune('users', 2);
      const { rows } = await one().list({ projection: 'users' }, { after: null }, 10);
      expect(rows.map(({ sid }) => sid)).toEqual([5, 4, 3].map((number) => newJob(number).sid));
    });
  });
}
