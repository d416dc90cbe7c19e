import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userSid, userStream } from '#domain';
import type { NewEvent } from '#event-store';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, listOf, type Fields } from '../../support/fields.ts';
import { appendToUser, rename } from '../../support/poison-events.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

const PROJECTION = '/v2/Projections/users';

describe('Dead letters', () => {
  let program: Program;
  let service: string;
  let stream: string;

  beforeAll(async () => {
    program = await startProgram({ env: { LOG_LEVEL: 'fatal' } });
    service = await createService(program);
    for (const identity of ['ann', 'bob']) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    }
    stream = userStream(userSid(service, 'ann'));
  });
  afterAll(() => program.stop());

  const update = (friendlyName: string, schemaVersion: number): NewEvent =>
    rename(service, 'ann', friendlyName, schemaVersion);

  const append = (...events: readonly NewEvent[]): Promise<void> =>
    appendToUser(program, service, 'ann', ...events);

  async function letters(query = ''): Promise<Fields[]> {
    const { body } = await program.get(`${PROJECTION}/DeadLetters${query}`);
    return listOf(body['dead_letters']);
  }

  async function resultOf(parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const { sid } = await program.post(`${PROJECTION}/Jobs`, parameters);
    const job = await until(
      `the end of the job ${sid}`,
      async () => {
        const { body } = await program.get(`${PROJECTION}/Jobs/${sid}`);
        return body['date_ended'] === null ? undefined : body;
      },
      60_000,
    );
    expect(job).toMatchObject({ status: 'succeeded', error: null });
    return job['result'];
  }

  const nameOf = async (identity: string) =>
    (await program.get(`/v2/Services/${service}/Users/${identity}`)).body['friendly_name'];

  it('are listed with the events that wait for them, and hold back their User alone', async () => {
    await append(update('unknown', 99), update('later', 1));
    const found = await until('two dead letters', async () => {
      const all = await letters();
      return all.length === 2 ? all : undefined;
    });
    expect(found).toMatchObject([
      {
        projection: 'users',
        event: `${stream}@1`,
        stream,
        revision: 1,
        type: 'UserUpdated',
        error: expect.stringMatching(/schema version 99/),
        waits: false,
      },
      { event: `${stream}@2`, error: null, waits: true },
    ]);
    const first = fieldsOf((await program.get(`${PROJECTION}/DeadLetters?PageSize=1`)).body);
    expect(listOf(first['dead_letters'])).toHaveLength(1);
    const next = new URL(String(fieldsOf(first['meta'])['next_page_url']));
    expect(await letters(next.search)).toEqual(found.slice(1));
    expect((await program.get(PROJECTION)).body).toMatchObject({ dead_letters: 2 });
    await program.post(`/v2/Services/${service}/Users/bob`, { FriendlyName: 'Bob' });
    expect([await nameOf('ann'), await nameOf('bob')]).toEqual([null, 'Bob']);
    const printed = fieldsOf(
      await new Cli(program.dataDir).json('projections', 'dead-letters', 'list', 'users'),
    );
    expect(printed['dead_letters']).toEqual(found);
  });

  it('stay after a retry that cannot fold them', async () => {
    expect(await resultOf({ Kind: 'retry' })).toMatchObject({
      events: 0,
      remaining_dead_letters: 2,
    });
  });

  it('that only wait cannot be skipped', async () => {
    const { status, body } = await program.post(`${PROJECTION}/Jobs`, {
      Kind: 'skip',
      Event: `${stream}@2`,
    });
    expect([status, body['message']]).toEqual([
      400,
      expect.stringMatching(/^Event user-.*@2 is not/),
    ]);
  });

  it('that are skipped free their key, in every version and in every rebuild', async () => {
    expect(await resultOf({ Kind: 'skip', Event: `${stream}@1` })).toMatchObject({
      events: 1,
      remaining_dead_letters: 0,
    });
    expect([await nameOf('ann'), await letters()]).toEqual(['later', []]);
    expect(await resultOf({ Kind: 'verify' })).toMatchObject({
      verification: { differences: 0, dead_letters: 0 },
    });
    expect(await resultOf({ Kind: 'rebuild' })).toMatchObject({ version: 2 });
    expect(await nameOf('ann')).toBe('later');
  });
});
