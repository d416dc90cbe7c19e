import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { textOf } from '../../support/fields.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

describe('Explanations and events over HTTP', () => {
  let program: Program;
  let serviceSid: string;
  let service: string;
  const user = (identity: string) => `${service}/Users/${identity}`;
  const explain = async (identity: string, query = ''): Promise<JsonObject> =>
    (await program.get(`${user(identity)}/Reachability/Explanation${query}`)).body;
  const types = (body: JsonObject): unknown[] =>
    (body['events'] as JsonObject[]).map((event) => event['type']);

  /** Follows a list from its first page to its last. */
  async function pages(path: string): Promise<JsonObject[][]> {
    const found: JsonObject[][] = [];
    for (let next: string | null = path; next !== null;) {
      const { status, body } = await program.get(next);
      expect(status).toBe(200);
      found.push(body['events'] as JsonObject[]);
      const following = (body['meta'] as JsonObject)['next_page_url'];
      next = typeof following === 'string' ? following.replace(program.url, '') : null;
    }
    return found;
  }

  beforeAll(async () => {
    program = await startProgram();
    serviceSid = (await program.post('/v2/Services', { FriendlyName: 'S' })).sid;
    service = `/v2/Services/${serviceSid}`;
    await program.post(service, { ReachabilityEnabled: 'true' });
  });
  afterAll(() => program.stop());

  /** Connects a User over HTTP, and disconnects it again. */
  async function visit(identity: string): Promise<void> {
    const { sid } = await program.post(`${user(identity)}/Connections`, { Ttl: '60' });
    await program.delete(`${user(identity)}/Connections/${sid}`);
  }

  it('explain the present: the answer as in the Reachability resource, and the events behind it', async () => {
    await program.post(`${service}/Users`, { Identity: 'ann' });
    await visit('ann');
    await program.post(`${user('ann')}/Connections`, { Ttl: '60' });
    const answer = (await program.get(`${user('ann')}/Reachability`)).body;
    const explanation = await explain('ann');
    expect(explanation).toMatchObject({
      ...answer,
      as_of: null,
      bindings: 0,
      url: `${textOf(answer, 'url')}/Explanation`,
    });
    expect(types(explanation)).toEqual([
      'ReachabilityEnabled',
      'UserCreated',
      'ConnectionOpened',
      'ConnectionClosed',
      'ConnectionOpened',
    ]);
    expect(explanation['events']).toContainEqual(
      expect.objectContaining({
        because: 'still open, so the User is online',
        actor: expect.stringMatching(/^key:AC/),
        correlation_id: expect.any(String),
        description: expect.stringMatching(/^Connection CN/),
      }),
    );
  });

  it('explain a moment of the past as the Reachability resource answers it', async () => {
    await program.post(`${service}/Users`, { Identity: 'bob' });
    await visit('bob');
    await visit('bob');
    const history = (await program.get(`${user('bob')}/Reachability/History`)).body['history'];
    for (const interval of history as JsonObject[]) {
      const asOf = `?AsOf=${textOf(interval, 'from')}`;
      const past = (await program.get(`${user('bob')}/Reachability${asOf}`)).body;
      const { last_seen: _, ...answer } = past;
      const explanation = await explain('bob', asOf);
      expect(explanation).toMatchObject({ ...answer, url: `${textOf(answer, 'url')}/Explanation` });
      expect(types(explanation)).toContain((interval['event'] as JsonObject)['type']);
    }
  });

  it('are the same from the command line', async () => {
    await program.post(`${service}/Users`, { Identity: 'cy' });
    await visit('cy');
    const cli = new Cli(program.dataDir, { PUBLIC_URL: program.url });
    const told = await cli.json('audit', 'user', 'cy', '--service', serviceSid);
    expect(told).toEqual(await explain('cy'));
  });

  it('explain nothing where there was no such User', async () => {
    const paths = ['nobody', 'US00000000000000000000000000000000'].map(user);
    for (const path of [...paths, `/v2/Services/IS${'0'.repeat(32)}/Users/ann`]) {
      expect((await program.get(`${path}/Reachability/Explanation`)).status).toBe(404);
      expect((await program.get(`${path}/Reachability/Events`)).status).toBe(404);
    }
    const early = await program.get(`${user('ann')}/Reachability/Explanation?AsOf=2020-01-01`);
    expect(early.status).toBe(404);
  });

  it('do not show the User of one Service through another', async () => {
    const other = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'O' })).sid}`;
    const { sid } = await program.post(`${service}/Users`, { Identity: 'dee' });
    for (const resource of ['Explanation', 'Events']) {
      const path = `${other}/Users/${sid}/Reachability/${resource}`;
      expect((await program.get(path)).status).toBe(404);
    }
  });

  it('list every event of a User once, newest first, in pages of any size', async () => {
    await program.post(`${service}/Users`, { Identity: 'eve' });
    for (let round = 0; round < 3; round += 1) await visit('eve');
    const [all = []] = await pages(`${user('eve')}/Reachability/Events`);
    expect(all.map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    for (const size of [1, 2, 3, 7]) {
      const found = await pages(`${user('eve')}/Reachability/Events?PageSize=${size}`);
      expect(found.flat()).toEqual(all);
    }
    const second = `${user('eve')}/Reachability/Events?PageSize=2&Page=1&PageToken=`;
    const first = (await program.get(second.replace('&Page=1&PageToken=', ''))).body;
    const link = (body: JsonObject, name: string): string =>
      textOf(body['meta'] as JsonObject, name).replace(program.url, '');
    const { body } = await program.get(link(first, 'next_page_url'));
    const again = await program.get(link(body, 'previous_page_url'));
    expect(again.body['events']).toEqual(first['events']);
  });

  it('list the events of some types and times, and keep that in the links', async () => {
    await program.post(`${service}/Users`, { Identity: 'fay' });
    for (let round = 0; round < 3; round += 1) await visit('fay');
    const events = `${user('fay')}/Reachability/Events`;
    const closed = await pages(`${events}?Type=ConnectionClosed&PageSize=1`);
    expect(closed.flat().map(({ type, cause }) => [type, cause])).toEqual(
      Array.from({ length: 3 }, () => ['ConnectionClosed', 'clean']),
    );
    const both = await pages(`${events}?Type=UserCreated&Type=ConnectionOpened&PageSize=2`);
    expect(both.flat()).toHaveLength(4);
    const times = (await pages(events)).flat().map((event) => textOf(event, 'occurred_at'));
    const from = times[2] ?? '';
    const late = await pages(`${events}?From=${from}&PageSize=2`);
    expect(late.flat()).toHaveLength(times.filter((time) => time >= from).length);
    const early = await pages(`${events}?Until=${from}&PageSize=2`);
    expect(early.flat()).toHaveLength(times.filter((time) => time < from).length);
  });

  it('list the events of a Service without the passwords of its webhooks', async () => {
    const own = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'W' })).sid}`;
    const url = 'https://name:secret@example.org/hook';
    await program.post(own, { PostWebhookUrl: url });
    const [events = []] = await pages(`${own}/Reachability/Events`);
    expect(events.map(({ type }) => type)).toEqual(['ServiceUpdated', 'ServiceCreated']);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('outlive their User and their Service', async () => {
    const own = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'X' })).sid}`;
    await program.post(`${own}/Users`, { Identity: 'gil' });
    await program.delete(`${own}/Users/gil`);
    await program.delete(own);
    const [ofUser = []] = await pages(`${own}/Users/gil/Reachability/Events`);
    expect(ofUser.map(({ type }) => type)).toEqual(['UserDeleted', 'UserCreated']);
    const [ofService = []] = await pages(`${own}/Reachability/Events`);
    expect(ofService[0]).toMatchObject({ type: 'ServiceDeleted' });
  });

  it.each([
    ['Type=Nonsense', /^Type contains "Nonsense"/],
    ['Type=ServiceCreated', /^Type contains "ServiceCreated"/],
    ['From=yesterday', /^From must be an ISO 8601 time/],
    ['Until=1767225600', /^Until must be an ISO 8601 time/],
    ['PageToken=PAabc', /^PageToken/],
  ])('refuse the filter %s, naming the parameter', async (query, message) => {
    const { status, body } = await program.get(`${user('ann')}/Reachability/Events?${query}`);
    expect(status).toBe(400);
    expect(body['message']).toMatch(message);
  });
});
