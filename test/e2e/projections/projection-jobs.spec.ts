import { DatabaseSync } from 'node:sqlite';
import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, listOf, type Fields } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

/** Long enough for a cancellation of a rebuild of `timeline`, the slower one, to arrive most of the time. */
const EVENTS = 120_000;
/** A job, or the discovery that its process was killed, may wait for a busy machine. */
const PATIENCE_MS = 60_000;

const JOBS = '/v2/Projections/users/Jobs';
const TIMELINE_JOBS = '/v2/Projections/timeline/Jobs';
/** The states in which a job stays. */
const ENDS = ['succeeded', 'failed', 'cancelled'];

describe('Jobs on a projection', () => {
  let programs: Programs;
  let program: Program;
  let service: string;

  beforeAll(async () => {
    programs = new Programs();
    const cli = new Cli(programs.dataDir);
    await cli.json('store', 'seed', '--users', '300', '--events', String(EVENTS), '--seed', '3');
    program = await programs.start({ env: { LOG_LEVEL: 'info', LOG_FORMAT: 'json' } });
    service = await createService(program);
  });
  afterAll(() => programs.end());

  async function request(
    parameters: Readonly<Record<string, string>>,
    at: Program = program,
    jobs = JOBS,
  ): Promise<string> {
    const answer = await at.post(jobs, parameters);
    expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
    return answer.sid;
  }

  const job = async (sid: string, at: Program = program, jobs = JOBS): Promise<Fields> =>
    (await at.get(`${jobs}/${sid}`)).body;

  function untilStatus(
    sid: string,
    statuses: readonly string[],
    at?: Program,
    jobs?: string,
  ): Promise<Fields> {
    return until(
      `job ${sid} to be ${statuses.join(' or ')}`,
      async () => {
        const found = await job(sid, at, jobs);
        return statuses.includes(String(found['status'])) ? found : undefined;
      },
      PATIENCE_MS,
    );
  }

  const ended = (sid: string, at?: Program): Promise<Fields> => untilStatus(sid, ENDS, at);

  async function succeeded(parameters: Readonly<Record<string, string>>): Promise<Fields> {
    const found = await ended(await request(parameters));
    expect(found).toMatchObject({ status: 'succeeded', error: null });
    return fieldsOf(found['result']);
  }

  async function liveVersion(projection = 'users'): Promise<number> {
    return Number((await program.get(`/v2/Projections/${projection}`)).body['live_version']);
  }

  it('rebuild it while it serves, and show how far they are', async () => {
    const before = await liveVersion();
    const sid = await request({ Kind: 'rebuild' });
    const identities: string[] = [];
    const seen: Fields[] = [];
    for (;;) {
      const identity = `during-${identities.length}`;
      const written = await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
      expect(written.status).toBe(201);
      identities.push(identity);
      const found = await job(sid);
      seen.push(found);
      if (found['date_ended'] !== null) break;
    }
    const last = seen.at(-1);
    expect(last).toMatchObject({
      status: 'succeeded',
      kind: 'rebuild',
      requested_by: `key:${program.credentials.accountSid}`,
      cancelled_by: null,
      result: { version: before + 1, verification: null },
      error: null,
    });
    const done = seen.flatMap(({ events_done }) =>
      events_done === null ? [] : [Number(events_done)],
    );
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBeGreaterThanOrEqual(EVENTS);
    expect(last?.['events_total']).toBe(last?.['events_done']);
    expect(await liveVersion()).toBe(before + 1);
    for (const identity of identities) {
      const { status } = await program.get(`/v2/Services/${service}/Users/${identity}`);
      expect([identity, status]).toEqual([identity, 200]);
    }
    expect(program.output.stdout).toContain(
      `Job ${sid} (rebuild of users) was requested by key:${program.credentials.accountSid}`,
    );
  });

  it('end early when they are cancelled, and the next one can start', async () => {
    const rebuild = (parameters: Readonly<Record<string, string>>): Promise<string> =>
      request({ Kind: 'rebuild', ...parameters }, program, TIMELINE_JOBS);
    const untilTimeline = (sid: string, statuses: readonly string[]): Promise<Fields> =>
      untilStatus(sid, statuses, program, TIMELINE_JOBS);
    const cancelled = await until('a rebuild that was cancelled in time', async () => {
      const sid = await rebuild({});
      await untilTimeline(sid, ['running', ...ENDS]);
      const answer = await program.post(`${TIMELINE_JOBS}/${sid}`, { Status: 'cancelled' });
      expect([202, 409]).toContain(answer.status);
      const found = await untilTimeline(sid, ENDS);
      return found['status'] === 'cancelled' ? found : undefined;
    });
    expect(cancelled).toMatchObject({
      cancelled_by: `key:${program.credentials.accountSid}`,
      result: null,
      error: null,
    });
    const before = await liveVersion('timeline');
    const next = await untilTimeline(await rebuild({ Restart: 'true' }), ENDS);
    expect(next).toMatchObject({ status: 'succeeded', error: null });
    const { version } = fieldsOf(next['result']);
    expect(await liveVersion('timeline')).toBe(version);
    expect(version).toBeGreaterThan(before);
    const again = await program.post(`${TIMELINE_JOBS}/${String(cancelled['sid'])}`, {
      Status: 'cancelled',
    });
    expect(again.status).toBe(202);
  });

  it('find rows that differ from the log, and repair them', async () => {
    // A User without Connections: a close that is still to come would repair the row.
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'absent' });
    expect(await succeeded({ Kind: 'verify' })).toMatchObject({ verification: { differences: 0 } });
    const path = `${program.dataDir}/read-model.db.users@v${await liveVersion()}`;
    const db = new DatabaseSync(path, { timeout: 20_000 });
    db.exec("UPDATE users SET open_connections = 7 WHERE identity = 'absent'");
    db.close();
    const verified = fieldsOf((await succeeded({ Kind: 'verify' }))['verification']);
    expect(verified).toMatchObject({
      differences: 1,
      shown: [
        {
          table: 'users',
          kind: 'different',
          columns: [{ column: 'open_connections', live: '7', rebuilt: '0' }],
        },
      ],
    });
    expect(verified['live_hash']).not.toBe(verified['rebuilt_hash']);
    await succeeded({ Kind: 'rebuild' });
    expect(await succeeded({ Kind: 'verify' })).toMatchObject({ verification: { differences: 0 } });
  });

  it('switch to a version that was kept, and delete one', async () => {
    const live = await liveVersion();
    const { version } = await succeeded({ Kind: 'switch' });
    expect(version).toBeLessThan(live);
    expect(await liveVersion()).toBe(version);
    await succeeded({ Kind: 'switch', Version: String(live) });
    expect(await liveVersion()).toBe(live);
    expect(await succeeded({ Kind: 'drop', Version: String(version) })).toMatchObject({ version });
    expect(globSync(`${program.dataDir}/*users@v${String(version)}`)).toEqual([]);
    const { body } = await program.get('/v2/Projections/users');
    expect(listOf(body['versions']).map((known) => known['version'])).not.toContain(version);
  });

  it('are refused with the name of the parameter that is wrong', async () => {
    const live = String(await liveVersion());
    const refused: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{}, /^Kind must be one of rebuild, verify/],
      [{ Kind: 'explode' }, /^Kind must be one of/],
      [{ Kind: 'drop' }, /^Version is missing/],
      [{ Kind: 'drop', Version: 'x' }, /^Version/],
      [{ Kind: 'drop', Version: '999' }, /^Version 999 of users does not exist/],
      [{ Kind: 'drop', Version: live }, /^Version \d+ of users is live/],
      [{ Kind: 'switch', Version: live }, /^Version \d+ of users is live/],
      [{ Kind: 'rebuild', Restart: 'perhaps' }, /^Restart/],
      [{ Kind: 'skip' }, /^Event is missing/],
      [{ Kind: 'skip', Event: 'nothing' }, /^Event must be <stream>@<revision>/],
      [{ Kind: 'skip', Event: 'user-US1@3' }, /^Event user-US1@3 is not a dead letter of users/],
    ];
    for (const [parameters, message] of refused) {
      const { status, body } = await program.post(JOBS, parameters);
      expect([parameters, status, body['message']]).toEqual([
        parameters,
        400,
        expect.stringMatching(message),
      ]);
    }
    const { sid } = await program.post(JOBS, { Kind: 'retry' });
    const other = await program.post(`${JOBS}/${sid}`, { Status: 'running' });
    expect([other.status, other.body['message']]).toEqual([400, 'Status must be cancelled']);
    await ended(sid);
    const unknown = `${JOBS}/JB${'0'.repeat(32)}`;
    expect((await program.get(unknown)).status).toBe(404);
    expect((await program.post(unknown, { Status: 'cancelled' })).status).toBe(404);
    const nobody = '/v2/Projections/nobody';
    expect((await program.post(`${nobody}/Jobs`, { Kind: 'verify' })).status).toBe(404);
    expect((await program.get(`${nobody}/Jobs`)).status).toBe(404);
    expect((await program.get(`${nobody}/DeadLetters`)).status).toBe(404);
  });

  it('are requested once for an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'verify-once' };
    const first = await program.post(JOBS, { Kind: 'verify' }, { headers });
    const second = await program.post(JOBS, { Kind: 'verify' }, { headers });
    expect([second.status, second.sid]).toEqual([202, first.sid]);
    await ended(first.sid);
  });

  it('are listed in pages, newest first, and filtered', async () => {
    const first = fieldsOf((await program.get(`${JOBS}?Kind=verify&PageSize=2`)).body);
    const sids = (page: Fields) => listOf(page['jobs']).map(({ sid }) => sid);
    expect(sids(first)).toHaveLength(2);
    const next = new URL(String(fieldsOf(first['meta'])['next_page_url']));
    const second = fieldsOf((await program.get(`${next.pathname}${next.search}`)).body);
    expect(listOf(second['jobs']).map(({ kind }) => kind)).toContain('verify');
    expect(sids(second)).not.toEqual(expect.arrayContaining(sids(first)));
    const { body } = await program.get(`${JOBS}?Status=cancelled`);
    expect(listOf(body['jobs']).every(({ status }) => status === 'cancelled')).toBe(true);
    expect((await program.get(`${JOBS}?Status=lost`)).status).toBe(400);
  });

  describe('of several nodes', () => {
    let other: Program;

    beforeAll(async () => {
      other = await programs.start({ env: { NODE_ID: 'other' } });
    });

    it('of the same kind run once, and the second request is told which runs', async () => {
      const answers = await Promise.all(
        [program, other].map((node) => node.post(JOBS, { Kind: 'rebuild' })),
      );
      const accepted = answers.find(({ status }) => status === 202);
      const refused = answers.find(({ status }) => status === 409);
      expect(accepted).toBeDefined();
      expect(refused?.body).toMatchObject({
        code: 20409,
        message: expect.stringMatching(`^Job ${accepted?.sid ?? ''}, the rebuild of users that `),
      });
      expect(await ended(accepted?.sid ?? '', other)).toMatchObject({ status: 'succeeded' });
    });

    it('fail when their node is killed, and can be started again', async () => {
      let sid = await request({ Kind: 'rebuild', Restart: 'true' });
      const running = await until('a job that has just begun', async () => {
        const found = await job(sid);
        if (found['date_ended'] !== null) sid = await request({ Kind: 'rebuild', Restart: 'true' });
        return found['status'] === 'running' ? found : undefined;
      });
      const [killed, survivor] = String(running['runner']).includes(`:${String(program.pid)}:`)
        ? [program, other]
        : [other, program];
      await killed.kill();
      const failed = await ended(sid, survivor);
      expect(failed).toMatchObject({
        status: 'failed',
        error: expect.stringMatching(/^The process that ran it .* has ended/),
        runner: running['runner'],
      });
      const again = await survivor.post(JOBS, { Kind: 'rebuild' });
      expect(again.status).toBe(202);
      expect(await ended(again.sid, survivor)).toMatchObject({ status: 'succeeded' });
    });
  });
});
