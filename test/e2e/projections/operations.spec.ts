import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, listOf, textOf } from '../../support/fields.ts';
import type { BasicCredentials } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

describe('The resources for operators', () => {
  let program: Program;
  let service: string;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    program = await startProgram({
      env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', LOG_LEVEL: 'info', LOG_FORMAT: 'json' },
    });
    service = await createService(program);
  });
  afterAll(async () => {
    await program.stop();
    await receiver.stop();
  });

  async function keyWith(
    parameters: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<BasicCredentials> {
    const { body } = await program.post('/v2/ApiKeys', { FriendlyName: 'key', ...parameters });
    return { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
  }

  it('show every projection with its lag, as the command line does', async () => {
    const projections = await until('no lag', async () => {
      const found = listOf((await program.get('/v2/Projections')).body['projections']);
      return found.every(({ lag_events: lag }) => lag === 0) ? found : undefined;
    });
    expect(projections.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['users', 'timeline']),
    );
    for (const projection of projections) {
      expect(projection).toMatchObject({ status: 'ok', lag_ms: 0, dead_letters: 0 });
    }
    const cli = new Cli(program.dataDir);
    const printed = fieldsOf(await cli.json('projections', 'status'));
    const names = listOf(printed['projections']).map(({ name, live_version }) => [
      name,
      live_version,
    ]);
    expect(projections.map(({ name, live_version }) => [name, live_version])).toEqual(names);
    const one = await program.get('/v2/Projections/users');
    expect(one.body).toMatchObject({ name: 'users', versions: [{ version: 1, state: 'live' }] });
    expect(await program.get('/v2/Projections/nobody')).toMatchObject({ status: 404 });
  });

  it('page through short lists', async () => {
    const first = fieldsOf((await program.get('/v2/Projections?PageSize=1')).body);
    expect(listOf(first['projections'])).toHaveLength(1);
    const next = new URL(String(fieldsOf(first['meta'])['next_page_url']));
    const second = fieldsOf((await program.get(`${next.pathname}${next.search}`)).body);
    expect(listOf(second['projections'])).toHaveLength(1);
    expect(second['projections']).not.toEqual(first['projections']);
    const bad = await program.get('/v2/Projections?PageToken=x');
    expect([bad.status, bad.body['message']]).toEqual([400, expect.stringMatching(/^PageToken/)]);
  });

  it('show this node with its lease and its Connections', async () => {
    const client = connect(program, accessToken(program, service, 'alice'));
    await client.next();
    await until('the Connection in the lease', async () => {
      const { body } = await program.get('/v2/Nodes/node-1');
      return body['connections'] === 1 || undefined;
    });
    const { body } = await program.get('/v2/Nodes');
    expect(listOf(body['nodes'])).toEqual([
      expect.objectContaining({
        node_id: 'node-1',
        incarnation: 1,
        status: 'running',
        lease_status: 'held',
        connections: 1,
        role: 'all',
        program_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        date_started: expect.stringMatching(/^20.*Z$/),
      }),
    ]);
    expect(await program.get('/v2/Nodes/nobody')).toMatchObject({ status: 404 });
    client.terminate();
  });

  it('retry a dead delivery of a webhook, one or all of a Service, and log who did', async () => {
    receiver.answer = () => ({ status: 400 });
    const hooks = { PostWebhookUrl: receiver.url, WebhookFilters: 'onUserAdded' };
    await program.post(`/v2/Services/${service}`, hooks);
    const headers = { 'x-twilio-webhook-enabled': 'true' };
    const deliveries = `/v2/Services/${service}/Webhooks/Deliveries`;
    const dead = (count: number) =>
      until(`${count} dead deliveries`, async () => {
        const { body } = await program.get(`${deliveries}?Status=dead`);
        const found = listOf(body['deliveries']);
        return found.length === count ? found : undefined;
      });
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'bob' }, { headers });
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'eve' }, { headers });
    const [first] = await dead(2);
    receiver.answer = () => ({ status: 200 });
    const retried = await program.post(`${deliveries}/${String(first?.['sid'])}/Retries`, {});
    expect([retried.status, retried.sid]).toEqual([200, first?.['sid']]);
    await dead(1);
    await until('the delivery', async () => {
      const again = await program.post(`${deliveries}/${retried.sid}/Retries`, {});
      return again.status === 409 || undefined;
    });
    const all = await program.post(`${deliveries}/Retries`, {});
    expect([all.status, all.body]).toEqual([
      200,
      { account_sid: program.credentials.accountSid, service_sid: service, retried: 1 },
    ]);
    await dead(0);
    expect(program.output.stdout).toContain(
      `Delivery ${retried.sid} is retried by key:${program.credentials.accountSid}`,
    );
    const unknown = `${deliveries}/WD${'0'.repeat(32)}/Retries`;
    expect(await program.post(unknown, {})).toMatchObject({ status: 404 });
  });

  it('need the scope that fits, and are closed to a key that is limited to Services', async () => {
    const reader = await keyWith({ Scopes: 'read' });
    const limited = await keyWith({ Scopes: 'admin', Services: service });
    const reads = ['/v2/Projections', '/v2/Projections/users', '/v2/Nodes', '/v2/Nodes/node-1'];
    for (const path of reads) {
      expect([path, (await program.get(path, { auth: reader })).status]).toEqual([path, 200]);
      const refused = await program.get(path, { auth: limited });
      expect([path, refused.status, refused.body['code']]).toEqual([path, 403, 20403]);
    }
    const jobs = '/v2/Projections/users/Jobs';
    const { sid } = await program.post(jobs, { Kind: 'verify' });
    for (const path of [jobs, `${jobs}/${sid}`, '/v2/Projections/users/DeadLetters']) {
      expect([path, (await program.get(path, { auth: reader })).status]).toEqual([path, 200]);
      expect([path, (await program.get(path, { auth: limited })).status]).toEqual([path, 403]);
    }
    for (const auth of [reader, limited]) {
      const requested = await program.post(jobs, { Kind: 'rebuild' }, { auth });
      expect([requested.status, requested.body['code']]).toEqual([403, 20403]);
      const cancelled = await program.post(`${jobs}/${sid}`, { Status: 'cancelled' }, { auth });
      expect([cancelled.status, cancelled.body['code']]).toEqual([403, 20403]);
    }
    const retries = `/v2/Services/${service}/Webhooks/Deliveries/Retries`;
    expect((await program.post(retries, {}, { auth: reader })).status).toBe(403);
    expect((await program.post(retries, {}, { auth: limited })).status).toBe(200);
  });
});
