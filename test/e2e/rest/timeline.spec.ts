import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userStream } from '#domain';
import { eventsIn } from '../../support/event-log.ts';
import type { Json, JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

function text(value: Json | undefined): string {
  if (typeof value !== 'string')
    throw new Error(`Expected text but found ${JSON.stringify(value)}`);
  return value;
}

describe('The past over HTTP', () => {
  let program: Program;
  let service: string;
  const users = () => `${service}/Users`;
  const reachability = (user: string, query = '') => `${users()}/${user}/Reachability${query}`;
  const asOf = (user: string, at: string) =>
    program.get(reachability(user, `?AsOf=${encodeURIComponent(at)}`));
  const now = (): string => new Date().toISOString();
  const history = async (user: string): Promise<JsonObject[]> => {
    const { body } = await program.get(reachability(user, '/History'));
    return body['history'] as JsonObject[];
  };

  beforeAll(async () => {
    program = await startProgram();
    service = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'S' })).sid}`;
    await program.post(service, { ReachabilityEnabled: 'true' });
  });
  afterAll(() => program.stop());

  const since = ({ body }: { readonly body: JsonObject }): string => text(body['since']);
  const justBefore = (time: Json | undefined): string =>
    new Date(Date.parse(text(time)) - 1).toISOString();

  it('is answered for now right after a write, like the present', async () => {
    await program.post(users(), { Identity: 'ann' });
    for (let round = 0; round < 10; round += 1) {
      const opened = await program.post(`${users()}/ann/Connections`, { Ttl: '60' });
      const online = await asOf('ann', now());
      expect(online.body).toMatchObject({ is_online: true, open_connections: 1, last_seen: null });
      const present = (await program.get(reachability('ann'))).body;
      expect(online.body).toEqual({ ...present, as_of: expect.any(String), last_seen: null });
      await program.delete(`${users()}/ann/Connections/${opened.sid}`);
      expect((await asOf('ann', now())).body).toMatchObject({ is_online: false });
    }
  });

  it('changes at the moment of each event', async () => {
    const user = await program.post(users(), { Identity: 'bob' });
    await program.post(`${users()}/bob/Connections`, { Ttl: '60' });
    const online = since(await program.get(reachability('bob')));
    const body = (await asOf('bob', justBefore(online))).body;
    expect(body).toMatchObject({
      sid: user.sid,
      identity: 'bob',
      is_online: null,
      reason_code: 'not_connected_since_enabled',
      as_of: justBefore(online),
    });
    expect((await asOf(user.sid, online)).body).toMatchObject({ is_online: true, as_of: online });
    const elsewhere = online.replace('Z', '+00:00');
    expect((await asOf('bob', elsewhere)).body).toMatchObject({ as_of: online });
    const unencoded = await program.get(reachability('bob', `?AsOf=${elsewhere}`));
    expect(unencoded.body).toMatchObject({ as_of: online });
  });

  it('is 404 before the User existed and after its deletion, and answered in between for ever', async () => {
    await program.post(users(), { Identity: 'cy' });
    await program.post(`${users()}/cy/Connections`, { Ttl: '60' });
    const online = since(await program.get(reachability('cy')));
    await program.delete(`${users()}/cy`);
    expect((await asOf('cy', '2020-01-01')).status).toBe(404);
    expect((await asOf('cy', online)).body).toMatchObject({ is_online: true });
    expect((await asOf('cy', now())).status).toBe(404);
    const [last] = await history('cy');
    expect((await asOf('cy', text(last?.['until']))).status).toBe(404);
    expect((await asOf('cy', justBefore(last?.['until']))).status).toBe(200);

    await program.post(users(), { Identity: 'cy' });
    expect((await asOf('cy', now())).body).toMatchObject({
      reason_code: 'not_connected_since_enabled',
    });
    expect((await history('cy')).map((interval) => interval['reason_code'])).toEqual([
      'not_connected_since_enabled',
      ...(last?.['reason_code'] === 'online' ? [] : ['offline']),
      'online',
      'not_connected_since_enabled',
    ]);
  });

  it('outlives the Service', async () => {
    const other = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'O' })).sid}`;
    const path = `${other}/Users/dee/Reachability`;
    await program.post(`${other}/Users`, { Identity: 'dee' });
    const { body } = await program.get(path);
    await program.delete(other);
    expect((await program.get(`${path}?AsOf=${text(body['since'])}`)).body).toMatchObject({
      reason_code: 'disabled',
    });
    expect((await program.get(`${path}?AsOf=${now()}`)).status).toBe(404);
    expect((await program.get(`${path}/History`)).body['history']).toMatchObject([
      { from: body['since'], reason_code: 'disabled' },
    ]);
  });

  it.each(['yesterday', '', '2026-02-30T00:00:00Z', '2026-01-01T10:00:00', '1767225600'])(
    'refuses the time %j, naming the parameter',
    async (at) => {
      const answer = await asOf('ann', at);
      expect([answer.status, answer.body['code']]).toEqual([400, 20001]);
      expect(answer.body['message']).toMatch(/^AsOf must be an ISO 8601 time/);
    },
  );

  it('refuses a time that is still to come, but for what clocks differ', async () => {
    const ahead = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
    const answer = await asOf('ann', ahead(120));
    expect([answer.status, answer.body['message']]).toEqual([
      400,
      'AsOf must not be in the future',
    ]);
    expect((await asOf('ann', ahead(20))).status).toBe(200);
  });

  it('is told as stretches of time, newest first, in pages that lead to each other', async () => {
    await program.post(users(), { Identity: 'eve' });
    for (let n = 0; n < 3; n += 1) {
      const opened = await program.post(`${users()}/eve/Connections`, {
        Ttl: '60',
        DeviceId: 'phone',
      });
      await program.delete(`${users()}/eve/Connections/${opened.sid}`);
    }
    const all = await history('eve');
    expect(all.map((interval) => interval['is_online'])).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
      null,
    ]);
    expect(all[0]).toMatchObject({
      until: null,
      reason_code: 'offline',
      cause: 'clean',
      event: { type: 'ConnectionClosed', device_id: 'phone', binding_sid: null },
    });
    for (const [index, interval] of all.slice(1).entries()) {
      expect(interval['until']).toBe(all[index]?.['from']);
    }
    const seen: JsonObject[] = [];
    const links: string[] = [];
    let next: Json | undefined = reachability('eve', '/History?PageSize=3');
    while (typeof next === 'string') {
      links.push(next.replace(program.url, ''));
      const { body } = await program.get(next.replace(program.url, ''));
      const meta = body['meta'] as JsonObject;
      expect(meta['key']).toBe('history');
      seen.push(...(body['history'] as JsonObject[]));
      next = meta['next_page_url'];
    }
    expect(seen).toEqual(all);
    const third = await program.get(links[2] ?? '');
    const back = text((third.body['meta'] as JsonObject)['previous_page_url']);
    const second = await program.get(back.replace(program.url, ''));
    expect(second.body['history']).toEqual(all.slice(3, 6));
    expect((await program.get(reachability('nobody', '/History'))).status).toBe(404);
    expect((await program.get(reachability('eve', '/History?PageToken=x'))).status).toBe(400);
  });

  describe('Many Users at once', () => {
    const query = (body: JsonObject) =>
      program.post(`${service}/Reachability/Query`, undefined, { json: body });

    it('are answered for in the order asked, each once, by sid or identity', async () => {
      const ann = (await program.get(`${users()}/ann`)).body;
      const bob = (await program.get(reachability('bob'))).body;
      const asked = { User: ['bob', 'nobody', text(ann['sid']), 'ann', 'nobody'] };
      const answer = await query(asked);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        users: [
          { sid: bob['sid'], identity: 'bob', is_online: true, version: bob['version'] },
          { sid: ann['sid'], identity: 'ann', is_online: false, is_notifiable: false },
        ],
        unknown: ['nobody'],
      });
      const form = await program.post(`${service}/Reachability/Query`, asked);
      expect(form.body).toEqual(answer.body);
      const one = await program.post(`${service}/Reachability/Query`, { User: 'bob' });
      expect(one.body['users']).toMatchObject([{ identity: 'bob' }]);
    });

    it('may be a thousand of the longest names, in a form as in JSON', async () => {
      const longest = `${'\u{1f98a}'.repeat(508)}last`;
      await program.post(users(), { Identity: longest });
      const names = Array.from(
        { length: 999 },
        (_, n) => `${'\u{1f98a}'.repeat(508)}${String(n).padStart(4, '0')}`,
      );
      const User = [...names, longest];
      const escaped = JSON.stringify({ User }).replace(
        /[\ud800-\udfff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
      );
      const headers = { 'content-type': 'application/json' };
      const path = `${service}/Reachability/Query`;
      for (const answer of [
        await program.post(path, { User }),
        await program.post(path, undefined, { raw: escaped, headers }),
      ]) {
        expect(answer.status).toBe(200);
        expect(answer.body['users']).toMatchObject([{ identity: longest }]);
        expect(answer.body['unknown']).toHaveLength(999);
      }
    });

    it.each<[string, JsonObject, RegExp]>([
      ['left out', {}, /^User must be given 1 to 1000 times$/],
      ['empty', { User: [] }, /^User must be given/],
      ['given too often', { User: Array<string>(1_001).fill('x') }, /^User must be given/],
      ['a number', { User: [1] }, /^User contains 1, which is not a sid or an identity/],
      ['null', { User: null }, /^User contains null/],
      ['an object', { User: { a: 'b' } }, /^User contains an object/],
      ['too long', { User: ['ann', 'x'.repeat(513)] }, /^User contains "x{60}\.\.\."/],
      ['a million characters', { User: '\ufe0f'.repeat(1_000_000) }, /^User contains "/],
    ])('are refused where User is %s, naming the parameter', async (_, body, message) => {
      const answer = await query(body);
      expect(answer.status).toBe(400);
      expect(answer.body['message']).toMatch(message);
    });

    it('are 404 in a Service that does not exist', async () => {
      const path = `/v2/Services/IS${'0'.repeat(32)}/Reachability/Query`;
      expect((await program.post(path, { User: 'ann' })).status).toBe(404);
    });

    it('are the only question whose body may be that large', async () => {
      const large = { FriendlyName: 'x'.repeat(300_000) };
      expect((await program.post(service, large)).status).toBe(413);
    });
  });

  describe('The id of a request', () => {
    it('comes back with every answer', async () => {
      const headers = { 'x-request-id': 'mine' };
      const answers = [
        await program.get('/health/live', { headers }),
        await program.get(service, { headers }),
        await program.get(`${users()}/nobody`, { headers }),
        await program.get(service, { headers, auth: null }),
        await program.get('/v2/Services/%zz', { headers }),
        await program.get('/nowhere', { headers }),
        await program.post(service, { FriendlyName: 'x'.repeat(300_000) }, { headers }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 400, 404, 413]);
      for (const answer of answers) expect(answer.headers['x-request-id']).toBe('mine');
    });

    it('is the correlation id of every event that the request makes', async () => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const named = await program.post(
        users(),
        { Identity: 'named' },
        { headers: { 'x-request-id': 'order 42' } },
      );
      const traced = await program.post(
        `${users()}/named/Connections`,
        { Ttl: '60' },
        { headers: { traceparent } },
      );
      expect(traced.headers['x-request-id']).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
      const ids = eventsIn(program.dataDir)
        .filter(({ stream }) => stream === userStream(named.sid))
        .map(({ correlationId }) => correlationId);
      expect(ids).toEqual(['order 42', '4bf92f3577b34da6a3ce929d0e0e4736']);
    });

    it('is a new one where none is given', async () => {
      const ids = [await program.get(service), await program.get(service)].map(
        ({ headers }) => headers['x-request-id'],
      );
      expect(new Set(ids).size).toBe(2);
    });
  });
});
