import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { hasEventStoreDb } from '../../support/eventstored.ts';
import { fieldsOf, listOf } from '../../support/fields.ts';
import { hasPostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { TwoWorkers } from '../../support/workers.ts';

const canRun = hasPostgres() && hasEventStoreDb();

/** The commands run on a machine of their own, too. */
(canRun ? describe : describe.skip)('A rebuild while workers run on other machines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
  let machines: TwoWorkers;
  let cli: Cli;
  let users: string;

  beforeAll(async () => {
    machines = await TwoWorkers.start((env) => {
      cli = new Cli(folder, env);
      return cli.json('store', 'seed', '--users', '100', '--events', '3000', '--seed', '3');
    });
    const { sid } = await machines.api.post('/v2/Services', { FriendlyName: 'x' });
    await machines.api.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    users = `/v2/Services/${sid}/Users`;
  }, 200_000);
  afterAll(async () => {
    await machines.stop();
    rmSync(folder, { recursive: true });
  });

  async function liveVersion(): Promise<number> {
    const { projections } = fieldsOf(await cli.json('projections', 'status'));
    const found = listOf(projections).find(({ name }) => name === 'users');
    return Number(found?.['live_version']);
  }

  async function expectFollowed(identity: string): Promise<void> {
    await machines.api.post(users, { Identity: identity });
    await machines.api.post(`${users}/${identity}/Connections`, {});
    await until(`${identity} to be online`, async () => {
      return (
        (await machines.api.get(`${users}/${identity}`)).body['is_online'] === true || undefined
      );
    });
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
  }

  it('is followed by them, as are a switch back and the end of the other version', async () => {
    const before = await liveVersion();
    expect(await cli.run('projections', 'rebuild', 'users')).toMatchObject({ code: 0 });
    expect(await liveVersion()).toBe(before + 1);
    await expectFollowed('after-the-rebuild');
    const back = await cli.run('projections', 'switch', 'users', String(before));
    expect(back).toMatchObject({ code: 0 });
    await expectFollowed('after-the-switch');
    const dropped = await cli.run('projections', 'drop', 'users', String(before + 1));
    expect(dropped).toMatchObject({ code: 0 });
    await expectFollowed('after-the-end');
  }, 200_000);

  it('is a job that one of two workers takes, and the api shows how it ends', async () => {
    const before = await liveVersion();
    const jobs = '/v2/Projections/users/Jobs';
    const answers = await Promise.all(
      [1, 2].map(() => machines.api.post(jobs, { Kind: 'rebuild' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const sid = answers.find(({ status }) => status === 202)?.sid ?? '';
    const job = await until(
      'the end of the job',
      async () => {
        const { body } = await machines.api.get(`${jobs}/${sid}`);
        return body['date_ended'] === null ? undefined : body;
      },
      100_000,
    );
    expect(job).toMatchObject({ status: 'succeeded', error: null });
    const { version } = fieldsOf(job['result']);
    expect(version).toBeGreaterThan(before);
    expect(Number(job['events_done'])).toBeGreaterThanOrEqual(3_000);
    expect(await liveVersion()).toBe(version);
    await expectFollowed('after-the-job');
  }, 200_000);

  it('is made by one of two that run at once, or by one after the other', async () => {
    const before = await liveVersion();
    const results = await Promise.all([1, 2].map(() => cli.run('projections', 'rebuild', 'users')));
    const failed = results.filter(({ code }) => code !== 0);
    expect(failed.length).toBeLessThan(2);
    for (const { stderr } of failed) {
      expect(stderr).toMatch(/Another process[^\n]*\n$/);
    }
    expect(await liveVersion()).toBeGreaterThan(before);
    await expectFollowed('after-both');
  }, 200_000);
});
