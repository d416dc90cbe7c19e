import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeFeedReader } from '../../support/change-feed-reader.ts';
import { startProgram, type Program } from '../../support/program.ts';

describe('Answers while nobody keeps the read model', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ env: { ROLE: 'api' } });
  });
  afterAll(() => program.stop());

  const behind = expect.objectContaining({ 'x-read-model': 'behind' });

  it('show every write, after the wait, and say that reads are behind', async () => {
    const started = Date.now();
    const service = await program.post('/v2/Services', { FriendlyName: 'Behind' });
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_900);
    expect(service.status).toBe(201);
    expect(service.headers).toEqual(behind);
    expect(service.body).toMatchObject({ friendly_name: 'Behind', reachability_enabled: false });

    const path = `/v2/Services/${service.sid}`;
    const enabled = await program.post(path, { ReachabilityEnabled: 'true' });
    expect(enabled.body).toMatchObject({ sid: service.sid, reachability_enabled: true });

    const user = await program.post(`${path}/Users`, { Identity: 'ann' });
    expect(user.status).toBe(201);
    expect(user.body).toMatchObject({ identity: 'ann', is_online: null });

    const connection = await program.post(`${path}/Users/ann/Connections`, { Ttl: '60' });
    expect(connection.status).toBe(201);
    expect(connection.body).toMatchObject({ user_sid: user.sid, ttl: 60 });

    const binding = await program.post(`${path}/Users/ann/Bindings`, {
      BindingType: 'fcm',
      Address: 'token',
    });
    expect(binding.body).toMatchObject({ identity: 'ann', binding_type: 'fcm' });

    const renamed = await program.post(`${path}/Users/${user.sid}`, { FriendlyName: 'Ann' });
    expect(renamed.headers).toEqual(behind);
    expect(renamed.body).toMatchObject({
      friendly_name: 'Ann',
      is_online: true,
      is_notifiable: true,
    });

    const renewed = await program.post(`${path}/Users/ann/Connections/${connection.sid}`, {
      Ttl: '90',
    });
    expect(renewed.body).toMatchObject({ sid: connection.sid, ttl: 90 });

    const grace = await program.post(`${path}/Reachability`, { GraceSeconds: '7' });
    expect(grace.body).toMatchObject({ grace_seconds: 7 });
  });

  it('do not refuse a change feed of a Service that only the log has, and refuse it once deleted', async () => {
    const service = await program.post('/v2/Services', { FriendlyName: 'Followed' });
    const path = `/v2/Services/${service.sid}`;
    const { accountSid: username, authToken: password } = program.credentials;
    const credentials = { username, password };
    const follow = () =>
      ChangeFeedReader.open(program.url, `${path}/Reachability/Changes`, credentials);
    const feed = await follow();
    expect(feed.response.statusCode).toBe(200);
    const start = await feed.untilEvent('start');
    expect(start.id).toMatch(/^[0-9a-f]+:\d+$/);
    feed.close();
    await program.delete(path);
    const refused = await follow();
    expect(refused.response.statusCode).toBe(404);
    refused.close();
  });

  it('refuse what the log refuses, without waiting', async () => {
    const started = Date.now();
    const missing = await program.post(`/v2/Services/IS${'0'.repeat(32)}/Users`, { Identity: 'x' });
    expect(missing.status).toBe(404);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('are those of the read model once a worker has caught up', async () => {
    program = await program.restart();
    const services = await program.get('/v2/Services');
    const [service] = services.body['services'] as { sid: string }[];
    const user = await program.get(`/v2/Services/${service!.sid}/Users/ann`);
    expect(user.headers).not.toEqual(behind);
    expect(user.body).toMatchObject({ friendly_name: 'Ann', is_online: true, is_notifiable: true });
  });
});
