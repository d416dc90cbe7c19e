import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeFeedReader, type FeedEvent } from '../../support/change-feed-reader.ts';
import { textOf } from '../../support/fields.ts';
import type { BasicCredentials } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { until } from '../../support/until.ts';

const programs = new Programs();
const readers: ChangeFeedReader[] = [];
let one: Program;
let two: Program;
let account: BasicCredentials;

beforeAll(async () => {
  one = await programs.start({ env: { CHANGE_FEED_HEARTBEAT_SECONDS: '1' } });
  two = await programs.start({
    env: { ROLE: 'api', CHANGE_FEEDS_PER_KEY: '3', CHANGE_FEEDS: '5' },
  });
  const { accountSid: username, authToken: password } = one.credentials;
  account = { username, password };
}, 120_000);
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => programs.end());

interface Follow {
  readonly query?: string;
  readonly program?: Program;
  readonly lastEventId?: string;
  readonly auth?: BasicCredentials;
}

async function follow(
  service: string,
  { query = '', program = one, lastEventId, auth = account }: Follow = {},
): Promise<ChangeFeedReader> {
  const path = `/v2/Services/${service}/Reachability/Changes${query}`;
  const reader = await ChangeFeedReader.open(program.url, path, auth, lastEventId);
  readers.push(reader);
  return reader;
}

/** Opens a Connection of a User, which is created with it, and returns its sid. */
async function connect(service: string, identity: string): Promise<string> {
  const users = `/v2/Services/${service}/Users`;
  await one.post(users, { Identity: identity });
  return (await one.post(`${users}/${identity}/Connections`, {})).sid;
}

async function disconnect(service: string, identity: string, connection: string): Promise<void> {
  await one.delete(`/v2/Services/${service}/Users/${identity}/Connections/${connection}`);
}

const toggle = (service: string, enabled: boolean) =>
  one.post(`/v2/Services/${service}`, { ReachabilityEnabled: String(enabled) });

async function createKey(form: Readonly<Record<string, string | readonly string[]>>) {
  const { body } = await one.post('/v2/ApiKeys', { FriendlyName: 'k', ...form });
  return { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
}

const shown = ({ event, data }: FeedEvent) =>
  event === 'service'
    ? [event, data['reachability_enabled']]
    : [event, data['identity'], data['is_online']];

describe('A change feed', () => {
  it('begins now, and sends each change of an answer with the version that REST shows', async () => {
    const service = await createService(one);
    const feed = await follow(service);
    expect(feed.response.statusCode).toBe(200);
    expect(feed.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const start = await feed.untilEvent('start');
    expect(start.data).toEqual({ service_sid: service, version: start.id });
    const connection = await connect(service, 'alice');
    const [created, online] = await feed.untilChanges(2);
    const answer = await one.get(`/v2/Services/${service}/Users/alice/Reachability`);
    expect(created?.data).toMatchObject({ is_online: null, event: 'UserCreated' });
    expect(online?.data).toEqual({
      ...Object.fromEntries(
        [
          'sid',
          'service_sid',
          'identity',
          'is_online',
          'is_notifiable',
          'reason_code',
          'since',
          'last_online',
          'open_connections',
          'version',
        ].map((name) => [name, answer.body[name]]),
      ),
      cause: null,
      time: answer.body['since'],
      event: 'ConnectionOpened',
    });
    expect(online?.id).toBe(answer.body['version']);
    await disconnect(service, 'alice', connection);
    await one.delete(`/v2/Services/${service}/Users/alice`);
    const [, , offline, gone] = await feed.untilChanges(4);
    expect(offline?.data).toMatchObject({ is_online: false, cause: 'clean' });
    expect(gone).toMatchObject({
      event: 'gone',
      data: { identity: 'alice', event: 'UserDeleted' },
    });
  });

  it('has one event for the switch of a Service, and none for changes that change no answer', async () => {
    const service = await createService(one);
    await connect(service, 'alice');
    const feed = await follow(service);
    await feed.untilEvent('start');
    await connect(service, 'alice');
    await one.post(`/v2/Services/${service}/Users/alice`, { FriendlyName: 'Alice' });
    await toggle(service, false);
    await connect(service, 'alice');
    await toggle(service, true);
    await connect(service, 'alice');
    expect((await feed.untilChanges(3)).map(shown)).toEqual([
      ['service', false],
      ['service', true],
      ['change', 'alice', true],
    ]);
  });

  it('resumes on any node, without gap or double, from wherever its reader was', async () => {
    const service = await createService(one);
    const origin = await follow(service);
    const { id } = await origin.untilEvent('start');
    for (const user of ['ann', 'bob', 'cid']) {
      await disconnect(service, user, await connect(service, user));
    }
    await toggle(service, false);
    const all = await origin.untilChanges(10);
    for (const [index, { id: lastEventId }] of [{ id }, ...all].entries()) {
      for (const program of [one, two]) {
        const how = index % 2 === 0 ? { lastEventId } : { query: `?Since=${lastEventId}` };
        const resumed = await follow(service, { program, ...how });
        expect(await resumed.untilChanges(10 - index)).toEqual(all.slice(index));
        resumed.close();
      }
    }
    const [epoch] = id.split(':');
    const whole = await follow(service, { query: `?Since=${epoch}:0`, program: two });
    const [enabled] = await whole.untilChanges(11);
    expect(enabled).toMatchObject({ event: 'service', data: { reachability_enabled: true } });
    await toggle(service, true);
    expect((await whole.untilChanges(12)).slice(1)).toEqual(await origin.untilChanges(11));
  });

  it('goes on after its last id where Since in the URL is older', async () => {
    const service = await createService(one);
    const origin = await follow(service);
    const { id } = await origin.untilEvent('start');
    await connect(service, 'ann');
    const [first, second] = await origin.untilChanges(2);
    const resumed = await follow(service, { query: `?Since=${id}`, lastEventId: first?.id ?? '' });
    expect(await resumed.untilChanges(1)).toEqual([second]);
  });

  it('shows only the Users and answers that are asked for, and moves its last id past the others', async () => {
    const service = await createService(one);
    const all = await follow(service);
    const { id } = await all.untilEvent('start');
    const { sid } = await one.post(`/v2/Services/${service}/Users`, { Identity: 'bob' });
    for (const user of ['ann', 'bob', 'cid']) {
      await disconnect(service, user, await connect(service, user));
    }
    await toggle(service, false);
    const events = await all.untilChanges(10);
    const filtered = async (query: string, count: number) => {
      const feed = await follow(service, { query: `?${query}`, lastEventId: id });
      return (await feed.untilChanges(count)).map(shown);
    };
    expect(await filtered(`Users=ann&Users=${sid}&IsOnline=true`, 3)).toEqual([
      ['change', 'ann', true],
      ['change', 'bob', true],
      ['service', false],
    ]);
    expect(await filtered('IsOnline=null', 4)).toEqual([
      ['change', 'bob', null],
      ['change', 'ann', null],
      ['change', 'cid', null],
      ['service', false],
    ]);
    const nobody = await follow(service, { query: '?Users=nobody', lastEventId: id });
    await nobody.untilChanges(1);
    await connect(service, 'dan');
    const last = (await all.untilChanges(11)).at(-1)?.id ?? '';
    await until('a heartbeat with the position', () => nobody.lastEventId >= last || undefined);
    expect(nobody.heartbeats).toBeGreaterThan(0);
    expect(nobody.changes).toEqual([events.at(-1)]);
  });

  it('shows a reader that has a snapshot every change after it', async () => {
    const service = await createService(one);
    await connect(service, 'ann');
    const feed = await follow(service, { program: two });
    const { id } = await feed.untilEvent('start');
    await connect(service, 'bob');
    const list = await two.get(`/v2/Services/${service}/Users?Reachability=true`, {
      headers: { 'x-reachability-version': id },
    });
    expect(list.headers['x-read-model']).toBeUndefined();
    expect(JSON.stringify(list.body['users'])).toContain('"identity":"ann"');
    expect((await feed.untilChanges(2)).map(shown)).toEqual([
      ['change', 'bob', null],
      ['change', 'bob', true],
    ]);
  });

  it('tells a reader of another epoch, or from beyond the log, to resync, and begins now', async () => {
    const service = await createService(one);
    const { id } = await (await follow(service)).untilEvent('start');
    const [epoch, position = ''] = id.split(':');
    const beyond = `${epoch}:${'9'.repeat(position.length)}`;
    for (const [since, reason] of [
      [`other:${position}`, 'epoch'],
      [beyond, 'gap'],
    ]) {
      const feed = await follow(service, { query: `?Since=${since}` });
      const resync = await feed.untilEvent('resync');
      expect(resync.data).toMatchObject({ service_sid: service, version: resync.id, reason });
      await connect(service, `user-${reason}`);
      expect((await feed.untilChanges(2)).map(shown)).toEqual([
        ['change', `user-${reason}`, null],
        ['change', `user-${reason}`, true],
      ]);
      expect(feed.events.map(({ event }) => event)).not.toContain('start');
    }
  });

  it('ends with its Service, which answers 404 from then on', async () => {
    const service = await createService(one);
    const feed = await follow(service);
    await feed.untilEvent('start');
    await connect(service, 'ann');
    await one.delete(`/v2/Services/${service}`);
    await feed.untilEnd();
    expect(feed.events.slice(-2)).toMatchObject([
      { event: 'service', data: { deleted: true, reachability_enabled: false } },
      { event: 'end', data: { reason: 'service_deleted' } },
    ]);
    expect((await follow(service)).response.statusCode).toBe(404);
  });

  it('needs the scope read and the Service of its key, and ends with that key', async () => {
    const [service, foreign] = [await createService(one), await createService(one)];
    const key = await createKey({ Scopes: 'read', Services: service });
    const sign = await createKey({ Scopes: 'sign' });
    expect((await follow(service, { auth: sign })).response.statusCode).toBe(403);
    expect((await follow(foreign, { auth: key })).response.statusCode).toBe(404);
    const wrong = { ...key, password: 'x'.repeat(32) };
    expect((await follow(service, { auth: wrong })).response.statusCode).toBe(401);
    const feeds = [await follow(service, { auth: key })];
    await until('the key on the other node', async () => {
      const feed = await follow(service, { auth: key, program: two });
      if (feed.response.statusCode !== 200) return undefined;
      return feeds.push(feed);
    });
    const others = await follow(service);
    for (const feed of feeds) await feed.untilEvent('start');
    await one.delete(`/v2/ApiKeys/${key.username}`);
    for (const feed of feeds) {
      await feed.untilEnd();
      expect(feed.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'credentials' } });
    }
    expect(others.hasEnded).toBe(false);
    expect((await follow(service, { auth: key })).response.statusCode).toBe(401);
  });

  it('ends with the secret of its key, after a rotation', async () => {
    const service = await createService(one);
    const key = await createKey({ Scopes: 'read' });
    const feed = await follow(service, { auth: key });
    await one.post(`/v2/ApiKeys/${key.username}/Rotations`, { OverlapSeconds: '0' });
    await feed.untilEnd();
    expect(feed.events.at(-1)).toMatchObject({ event: 'end', data: { reason: 'credentials' } });
  });

  it.each([
    ['a Since that is no version', 'Since=5', 'Since must be a version'],
    ['another IsOnline', 'IsOnline=maybe', 'IsOnline must be true or false or null'],
    ['an empty name', 'Users=', 'Users contains ""'],
    ['a name that is too long', `Users=${'x'.repeat(513)}`, 'Users contains'],
    ['too many names', `Users=a${'&Users=a'.repeat(100)}`, 'Users must be given'],
  ])('refuses %s with an error that names the parameter', async (_, query, message) => {
    const service = await createService(one);
    const path = `/v2/Services/${service}/Reachability/Changes?${query}`;
    const { status, body } = await one.get(path);
    expect([status, body['code']]).toEqual([400, 20001]);
    expect(body['message']).toContain(message);
  });

  it('refuses a Last-Event-ID that is no version, and answers HEAD without a feed', async () => {
    const service = await createService(one);
    const path = `/v2/Services/${service}/Reachability/Changes`;
    const { status, body } = await one.get(path, { headers: { 'last-event-id': 'x' } });
    expect([status, body['message']]).toEqual([400, expect.stringContaining('Last-Event-ID')]);
    const head = await one.request('HEAD', path);
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('is limited in number, for each key and for the process', async () => {
    const service = await createService(one);
    const read = await createKey({ Scopes: 'read' });
    await until('the key on the other node', async () =>
      (await two.get('/v2/Services', { auth: read })).status === 200 ? true : undefined,
    );
    const open = (auth: BasicCredentials) => follow(service, { auth, program: two });
    const feeds = [await open(read), await open(read), await open(read)];
    const refused = await two.get(`/v2/Services/${service}/Reachability/Changes`, { auth: read });
    expect([refused.status, refused.body['code']]).toEqual([429, 20429]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await open(account);
    await open(account);
    const full = await two.get(`/v2/Services/${service}/Reachability/Changes`);
    expect([full.status, full.body['code']]).toEqual([503, 20503]);
    feeds[0]?.close();
    await until('room for another feed', async () => {
      const feed = await open(read);
      return feed.response.statusCode === 200 ? true : undefined;
    });
  });
});
