import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userSid, userStream } from '#domain';
import { eventsIn } from '../../support/event-log.ts';
import type { Answer, JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

const SID = (prefix: string) => expect.stringMatching(new RegExp(`^${prefix}[0-9a-f]{32}$`));
const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

describe('Resources over HTTP', () => {
  let program: Program;
  let service: string;
  const users = () => `${service}/Users`;

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Shop' });
    service = `/v2/Services/${sid}`;
    await program.post(service, { ReachabilityEnabled: 'true' });
  });
  afterAll(() => program.stop());

  const facts = async (path: string): Promise<JsonObject> => {
    const { is_online, is_notifiable } = (await program.get(path)).body;
    return { is_online: is_online ?? null, is_notifiable: is_notifiable ?? null };
  };
  const sids = (answer: Answer, key: string) =>
    (answer.body[key] as { sid: string }[]).map(({ sid }) => sid);

  describe('Services', () => {
    it('are created, fetched, updated, listed and deleted', async () => {
      const created = await program.post('/v2/Services', { FriendlyName: 'One' });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        sid: SID('IS'),
        account_sid: program.credentials.accountSid,
        friendly_name: 'One',
        reachability_enabled: false,
        date_created: DATE,
        limits: { channel_members: 100, user_channels: 250 },
      });
      const path = `/v2/Services/${created.sid}`;
      const updated = await program.post(path, {
        ReachabilityEnabled: 'true',
        'Notifications.NewMessage.Enabled': 'true',
        WebhookFilters: ['onUserAdded', 'onUserUpdated'],
      });
      expect(updated.status).toBe(200);
      expect(updated.body).toMatchObject({
        reachability_enabled: true,
        notifications: { new_message: { enabled: true } },
        webhook_filters: ['onUserAdded', 'onUserUpdated'],
      });
      expect((await program.get(path)).body).toEqual(updated.body);
      expect(sids(await program.get('/v2/Services'), 'services')).toContain(created.sid);
      const deleted = await program.delete(path);
      expect([deleted.status, deleted.text]).toEqual([204, '']);
      expect((await program.get(path)).status).toBe(404);
      expect(sids(await program.get('/v2/Services'), 'services')).not.toContain(created.sid);
    });

    it('store settings without effect beyond Twilio’s limits, with the flag of the same request', async () => {
      const { sid } = await program.post('/v2/Services', { FriendlyName: 'Large' });
      const updated = await program.post(`/v2/Services/${sid}`, {
        ReachabilityEnabled: 'true',
        'Limits.ChannelMembers': '5000',
        'Limits.UserChannels': '0',
        TypingIndicatorTimeout: '0',
        ConsumptionReportInterval: '100000',
        PreWebhookRetryCount: '10',
        PostWebhookRetryCount: '2147483647',
      });
      expect([updated.status, updated.body]).toEqual([
        200,
        expect.objectContaining({
          reachability_enabled: true,
          limits: { channel_members: 5_000, user_channels: 0 },
          typing_indicator_timeout: 0,
          consumption_report_interval: 100_000,
          pre_webhook_retry_count: 10,
          post_webhook_retry_count: 2_147_483_647,
        }),
      ]);
    });

    it('answer under /v1 in the shape of chat v1', async () => {
      const path = service.replace('/v2', '/v1');
      const v2 = await program.get(service);
      const v1 = await program.get(path);
      expect([v1.status, v1.body]).toEqual([
        200,
        expect.objectContaining({
          sid: v2.body['sid'],
          url: `${program.url}${path}`,
          webhooks: {},
        }),
      ]);
    });
  });

  describe('Users', () => {
    it('are created, fetched by sid and identity, updated and deleted', async () => {
      const created = await program.post(users(), undefined, {
        json: { Identity: 'cleo', FriendlyName: 'Cleo', Attributes: '{"team":1}' },
      });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        sid: SID('US'),
        role_sid: SID('RL'),
        identity: 'cleo',
        friendly_name: 'Cleo',
        attributes: '{"team":1}',
        is_online: null,
        is_notifiable: null,
        joined_channels_count: 0,
      });
      expect((await program.get(`${users()}/${created.sid}`)).body).toEqual(created.body);
      expect((await program.get(`${users()}/cleo`)).body).toEqual(created.body);
      const updated = await program.post(`${users()}/cleo`, {
        FriendlyName: 'C',
        is_online: 'true',
      });
      expect(updated.body).toMatchObject({ friendly_name: 'C', is_online: null });
      expect((await program.delete(`${users()}/cleo`)).status).toBe(204);
      expect((await program.get(`${users()}/cleo`)).status).toBe(404);
      expect((await program.delete(`${users()}/cleo`)).status).toBe(404);
    });

    it('are listed in pages that lead to each other, with both facts null', async () => {
      const path = `/v2/Services/${(await program.post('/v2/Services', { FriendlyName: 'L' })).sid}`;
      for (let n = 0; n < 5; n += 1) await program.post(`${path}/Users`, { Identity: `user ${n}` });
      const seen: unknown[] = [];
      let next: string | null = `${path}/Users?PageSize=2`;
      while (next !== null) {
        const answer: Answer = await program.get(next.replace(program.url, ''));
        const meta = answer.body['meta'] as { key: string; next_page_url: string | null };
        expect(meta.key).toBe('users');
        for (const user of answer.body['users'] as JsonObject[]) {
          seen.push(user['identity']);
          expect(user).toMatchObject({ is_online: null, is_notifiable: null });
        }
        next = meta.next_page_url;
      }
      expect(seen).toEqual(['user 0', 'user 1', 'user 2', 'user 3', 'user 4']);
    });

    it('make one of two creations with the same Idempotency-Key, and conflict without', async () => {
      const headers = { 'idempotency-key': 'once' };
      const first = await program.post(users(), { Identity: 'idem' }, { headers });
      const second = await program.post(users(), { Identity: 'idem' }, { headers });
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body).toEqual(first.body);
      const third = await program.post(users(), { Identity: 'idem' });
      expect([third.status, third.body['code']]).toEqual([409, 50201]);
    });

    it('may be deleted twice with the same Idempotency-Key', async () => {
      await program.post(users(), { Identity: 'gone' });
      const headers = { 'idempotency-key': 'gone' };
      expect((await program.delete(`${users()}/gone`, { headers })).status).toBe(204);
      expect((await program.delete(`${users()}/gone`, { headers })).status).toBe(204);
    });
  });

  describe('Connections', () => {
    it('are opened, listed, renewed and closed', async () => {
      const user = await program.post(users(), { Identity: 'dan' });
      const path = `${users()}/dan/Connections`;
      const opened = await program.post(path, { Ttl: '10', DeviceId: 'phone' });
      expect(opened.status).toBe(201);
      expect(opened.body).toEqual({
        sid: SID('CN'),
        account_sid: program.credentials.accountSid,
        service_sid: service.slice(-34),
        user_sid: user.sid,
        transport: 'http',
        device_id: 'phone',
        ttl: 10,
        date_created: DATE,
        date_expires: DATE,
        url: `${program.url}${users()}/${user.sid}/Connections/${opened.sid}`,
      });
      const one = `${path}/${opened.sid}`;
      expect((await program.get(one)).body).toEqual(opened.body);
      const renewed = await program.post(one, { Ttl: '3600' });
      expect(renewed.status).toBe(200);
      expect(renewed.body['ttl']).toBe(3_600);
      const { date_created, date_expires } = renewed.body as Record<string, string>;
      expect(Date.parse(date_expires!) - Date.parse(date_created!)).toBeGreaterThanOrEqual(
        3_600_000,
      );
      expect((await program.post(one)).body['ttl']).toBe(3_600);
      const listed = await program.get(path);
      expect(listed.body).toMatchObject({
        meta: { key: 'connections' },
        connections: [{ ttl: 3_600 }],
      });
      expect((await program.delete(one)).status).toBe(204);
      for (const gone of [program.get(one), program.post(one), program.delete(one)]) {
        expect((await gone).status).toBe(404);
      }
      expect((await program.get(path)).body['connections']).toEqual([]);
    });

    it('live 300 seconds unless told otherwise, and need no body', async () => {
      await program.post(users(), { Identity: 'eve' });
      const opened = await program.post(`${users()}/eve/Connections`);
      expect([opened.status, opened.body['ttl'], opened.body['device_id']]).toEqual([
        201,
        300,
        null,
      ]);
    });

    it('make nobody: an unknown User is not found', async () => {
      const opened = await program.post(`${users()}/nobody/Connections`);
      expect([opened.status, opened.body['code']]).toEqual([404, 20404]);
      expect((await program.get(`${users()}/nobody`)).status).toBe(404);
    });

    it('open once for one Idempotency-Key', async () => {
      await program.post(users(), { Identity: 'fay' });
      const headers = { 'idempotency-key': 'fay' };
      const path = `${users()}/fay/Connections`;
      const both = await Promise.all([
        program.post(path, {}, { headers }),
        program.post(path, {}, { headers }),
      ]);
      // The second request may come while the first one is under way.
      const statuses = both.map(({ status }) => status);
      expect(statuses).toContain(201);
      expect([201, 409]).toEqual(expect.arrayContaining(statuses));
      expect((await program.get(path)).body['connections']).toHaveLength(1);
    });
  });

  describe('Bindings', () => {
    it('are registered, listed, fetched and removed under their User', async () => {
      const user = await program.post(users(), { Identity: 'gus' });
      const path = `${users()}/gus/Bindings`;
      const made = await program.post(path, {
        BindingType: 'fcm',
        Address: 'token',
        Endpoint: 'e',
      });
      expect(made.status).toBe(201);
      expect(made.body).toEqual({
        sid: SID('BS'),
        account_sid: program.credentials.accountSid,
        service_sid: service.slice(-34),
        user_sid: user.sid,
        date_created: DATE,
        date_updated: DATE,
        endpoint: 'e',
        identity: 'gus',
        credential_sid: null,
        binding_type: 'fcm',
        message_types: [
          'new_message',
          'added_to_channel',
          'invited_to_channel',
          'removed_from_channel',
        ],
        url: `${program.url}${users()}/${user.sid}/Bindings/${made.sid}`,
      });
      const again = await program.post(path, {
        BindingType: 'fcm',
        Address: 'token',
        Endpoint: 'e',
      });
      expect(again.sid).toBe(made.sid);
      expect(sids(await program.get(path), 'bindings')).toEqual([made.sid]);
      expect((await program.get(`${path}/${made.sid}`)).body).toEqual(made.body);
      expect((await program.delete(`${path}/${made.sid}`)).status).toBe(204);
      expect((await program.get(`${path}/${made.sid}`)).status).toBe(404);
      expect((await program.delete(`${path}/${made.sid}`)).status).toBe(404);
    });

    it('are listed, filtered, fetched and removed under their Service', async () => {
      for (const identity of ['hal', 'ida']) {
        await program.post(users(), { Identity: identity });
        for (const type of ['apn', 'fcm']) {
          await program.post(`${users()}/${identity}/Bindings`, {
            BindingType: type,
            Address: 'a',
          });
        }
      }
      const list = async (query: string) => {
        const answer = await program.get(`${service}/Bindings?${query}`);
        return (answer.body['bindings'] as Record<string, string>[]).map(
          ({ identity, binding_type }) => `${identity} ${binding_type}`,
        );
      };
      expect(await list('Identity=hal&Identity=ida')).toHaveLength(4);
      expect(await list('Identity=hal')).toEqual(['hal apn', 'hal fcm']);
      expect(await list('Identity=ida&BindingType=fcm')).toEqual(['ida fcm']);
      expect(await list('BindingType=gcm&BindingType=apn')).toEqual(['hal apn', 'ida apn']);
      expect(await list('Identity=nobody')).toEqual([]);
      const page = await program.get(`${service}/Bindings?Identity=hal&PageSize=1`);
      expect(page.body['meta']).toMatchObject({
        key: 'bindings',
        next_page_url: expect.stringContaining('Identity=hal'),
      });
      const [sid] = sids(page, 'bindings');
      const one = `${service}/Bindings/${sid}`;
      const fetched = (await program.get(one)).body;
      expect(fetched['links']).toEqual({ user: `${program.url}${users()}/hal` });
      expect(fetched).not.toHaveProperty('user_sid');
      expect((await program.delete(one)).status).toBe(204);
      expect((await program.get(one)).status).toBe(404);
    });
  });

  describe('Reachability', () => {
    it('says of a User what and since when, why, and how old it can be', async () => {
      const user = await program.post(users(), { Identity: 'jon' });
      const path = `${users()}/jon/Reachability`;
      const before = (await program.get(path)).body;
      expect(before).toMatchObject({
        sid: user.sid,
        identity: 'jon',
        service_sid: service.slice(-34),
        is_online: null,
        is_notifiable: null,
        reason_code: 'not_connected_since_enabled',
        last_online: null,
        open_connections: 0,
        staleness_bound_ms: 21_000,
        url: `${program.url}${users()}/${user.sid}/Reachability`,
      });
      const { sid } = await program.post(`${users()}/jon/Connections`);
      const online = (await program.get(path)).body;
      expect(online).toMatchObject({
        is_online: true,
        is_notifiable: false,
        reason_code: 'online',
        reason: 'The User has 1 open connection',
        open_connections: 1,
      });
      await program.delete(`${users()}/jon/Connections/${sid}`);
      const offline = (await program.get(path)).body;
      expect(offline).toMatchObject({ is_online: false, reason_code: 'offline' });
      // The client was there until it was closed, which is written down a moment later.
      const times = [online['since'], offline['last_online'], offline['since']];
      expect(times.toSorted()).toEqual(times);
      const versions = [before, online, offline].map(({ version }) => version as string);
      expect(versions.toSorted()).toEqual(versions);
      expect(new Set(versions.map((version) => version.split(':')[0])).size).toBe(1);
    });

    it('takes the grace period of a Service into the bound', async () => {
      const path = `${service}/Reachability`;
      expect((await program.post(path, { GraceSeconds: '0' })).body).toMatchObject({
        service_sid: service.slice(-34),
        reachability_enabled: true,
        grace_seconds: 0,
        staleness_bound_ms: 16_000,
      });
      expect((await program.post(path, { GraceSeconds: '60' })).status).toBe(200);
      expect((await program.get(path)).body).toMatchObject({ staleness_bound_ms: 76_000 });
      expect((await program.post(path, { GraceSeconds: '5' })).status).toBe(200);
    });

    it('takes the watch policy of a Service, and leaves it alone otherwise', async () => {
      const path = `${service}/Reachability`;
      expect((await program.get(path)).body).toMatchObject({ watch_policy: 'all' });
      const granted = await program.post(path, { WatchPolicy: 'granted' });
      expect(granted.body).toMatchObject({ watch_policy: 'granted', grace_seconds: 5 });
      const other = await program.post(path, { GraceSeconds: '5' });
      expect(other.body).toMatchObject({ watch_policy: 'granted' });
      const all = await program.post(path, { WatchPolicy: 'all' });
      expect(all.body).toMatchObject({ watch_policy: 'all' });
    });

    it('keeps every null rule, from enablement to the next one', async () => {
      const sid = (await program.post('/v2/Services', { FriendlyName: 'Nulls' })).sid;
      const nulls = `/v2/Services/${sid}`;
      const lou = `${nulls}/Users/lou`;
      const flag = (value: boolean) => program.post(nulls, { ReachabilityEnabled: String(value) });
      const connect = () => program.post(`${lou}/Connections`);
      const none = { is_online: null, is_notifiable: null };
      await program.post(`${nulls}/Users`, { Identity: 'lou' });
      expect(await facts(lou)).toEqual(none);
      const early = await connect();
      await program.post(`${lou}/Bindings`, { BindingType: 'apn', Address: 'a' });
      expect(await facts(lou)).toEqual(none);
      await flag(true);
      expect(await facts(lou)).toEqual(none);
      const second = await connect();
      expect(await facts(lou)).toEqual({ is_online: true, is_notifiable: true });
      await program.delete(`${lou}/Connections/${second.sid}`);
      expect(await facts(lou)).toEqual({ is_online: true, is_notifiable: true });
      await program.delete(`${lou}/Connections/${early.sid}`);
      expect(await facts(lou)).toEqual({ is_online: false, is_notifiable: true });
      const list = await program.get(`${nulls}/Users`);
      expect(list.body['users']).toMatchObject([none]);
      const real = await program.get(`${nulls}/Users?Reachability=true`);
      expect(real.body['users']).toMatchObject([{ is_online: false, is_notifiable: true }]);
      await flag(false);
      expect(await facts(lou)).toEqual(none);
      await flag(true);
      expect(await facts(lou)).toEqual(none);
      await connect();
      expect(await facts(lou)).toEqual({ is_online: true, is_notifiable: true });
    });
  });

  it('of a deleted Service are gone at once, and its Users are deleted after it', async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Doomed' });
    const doomed = `/v2/Services/${sid}`;
    await program.post(`${doomed}/Users`, { Identity: 'max' });
    await program.post(`${doomed}/Users/max/Connections`);
    await program.delete(doomed);
    for (const path of ['', '/Users', '/Users/max', '/Users/max/Connections', '/Bindings']) {
      expect((await program.get(`${doomed}${path}`)).status).toBe(404);
    }
    const created = await program.post(`${doomed}/Users`, { Identity: 'late' });
    expect([created.status, created.body['code']]).toEqual([404, 20404]);
    expect((await program.post(`${doomed}/Users/max`, { FriendlyName: 'M' })).status).toBe(404);
    const max = userStream(userSid(sid, 'max'));
    const recorded = () => eventsIn(program.dataDir).filter(({ stream }) => stream === max);
    while (recorded().at(-1)?.type !== 'UserDeleted') await delay(20);
    expect(recorded().map(({ type }) => type)).toEqual([
      'UserCreated',
      'ConnectionOpened',
      'ConnectionClosed',
      'UserDeleted',
    ]);
  });

  it("of another Service's User are not found under this one's path, whatever the verb", async () => {
    const other = await program.post('/v2/Services', { FriendlyName: 'Other' });
    const theirs = await program.post(`/v2/Services/${other.sid}/Users`, { Identity: 'ned' });
    const path = `/v2/Services/${other.sid}/Users/ned`;
    const connection = await program.post(`${path}/Connections`);
    const binding = await program.post(`${path}/Bindings`, { BindingType: 'apn', Address: 'a' });
    const here = `${users()}/${theirs.sid}`;
    const attempts: [string, string, Record<string, string>?][] = [
      ['GET', here],
      ['POST', here, { FriendlyName: 'x' }],
      ['DELETE', here],
      ['GET', `${here}/Reachability`],
      ['GET', `${here}/Connections`],
      ['POST', `${here}/Connections`, {}],
      ['GET', `${here}/Connections/${connection.sid}`],
      ['POST', `${here}/Connections/${connection.sid}`, {}],
      ['DELETE', `${here}/Connections/${connection.sid}`],
      ['GET', `${here}/Bindings`],
      ['POST', `${here}/Bindings`, { BindingType: 'apn', Address: 'b' }],
      ['GET', `${here}/Bindings/${binding.sid}`],
      ['DELETE', `${here}/Bindings/${binding.sid}`],
      ['GET', `${service}/Bindings/${binding.sid}`],
      ['DELETE', `${service}/Bindings/${binding.sid}`],
    ];
    for (const [method, target, form] of attempts) {
      const answer = await program.request(method, target, form === undefined ? {} : { form });
      expect([method, target, answer.status]).toEqual([method, target, 404]);
      expect(answer.body).toMatchObject({ code: 20404, status: 404 });
    }
    expect((await program.get(`${path}/Connections`)).body['connections']).toHaveLength(1);
    expect((await program.get(`${path}/Bindings`)).body['bindings']).toHaveLength(1);
  });
});
