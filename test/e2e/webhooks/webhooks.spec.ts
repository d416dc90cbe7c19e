import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import type { JsonObject } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

const LOCAL = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
const WITH_WEBHOOK = { headers: { 'X-Twilio-Webhook-Enabled': 'true' } };

describe('Webhooks', () => {
  let programs: Programs;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    programs = new Programs();
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await programs.end();
    await receiver.stop();
  });

  const start = (env: Readonly<Record<string, string>> = LOCAL): Promise<Program> =>
    programs.start({ env });

  /** Creates a Service with all webhooks and with reachability enabled. */
  async function newService(
    program: Program,
    settings: Readonly<Record<string, string | readonly string[]>> = {},
  ): Promise<string> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'x' });
    await program.post(`/v2/Services/${sid}`, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: receiver.url,
      WebhookFilters: ['onUserAdded', 'onUserUpdated'],
      ...settings,
    });
    return sid;
  }

  async function deliveries(program: Program, service: string): Promise<JsonObject[]> {
    const { body } = await program.get(`/v2/Services/${service}/Webhooks/Deliveries`);
    return body['deliveries'] as JsonObject[];
  }

  async function inState(program: Program, service: string, status: string): Promise<JsonObject> {
    return until(`a delivery that is ${status}`, async () =>
      (await deliveries(program, service)).find((delivery) => delivery['status'] === status),
    );
  }

  const userPath = (service: string, identity = ''): string =>
    `/v2/Services/${service}/Users${identity === '' ? '' : `/${identity}`}`;

  /** Opens a Connection over HTTP and returns its path, for the DELETE that closes it. */
  async function open(program: Program, service: string, identity: string): Promise<string> {
    const path = `${userPath(service, identity)}/Connections`;
    return `${path}/${(await program.post(path, {})).sid}`;
  }

  it('report a new, connected, disconnected and notifiable User within a second, with the values of REST', async () => {
    const program = await start();
    const service = await newService(program);
    await program.post(
      userPath(service),
      { Identity: 'alice', FriendlyName: 'Alice' },
      WITH_WEBHOOK,
    );
    const connection = await open(program, service, 'alice');
    const openedAt = Date.now();
    const { body: user } = await program.get(userPath(service, 'alice'));
    const [, online] = await receiver.waitFor(2);
    expect((online?.at ?? 0) - openedAt).toBeLessThan(1_000);
    await program.post(`${userPath(service, 'alice')}/Bindings`, {
      BindingType: 'fcm',
      Address: 'device',
    });
    await receiver.waitFor(3);
    await program.delete(connection);
    await receiver.waitFor(4);
    expect(receiver.parameterValues('EventType')).toEqual([
      'onUserAdded',
      'onUserUpdated',
      'onUserUpdated',
      'onUserUpdated',
    ]);
    expect(receiver.parameterValues('IsOnline')).toEqual([undefined, 'true', 'true', 'false']);
    expect(receiver.parameterValues('IsNotifiable')).toEqual([undefined, 'false', 'true', 'true']);
    const { body: last } = await program.get(`${userPath(service, 'alice')}/Reachability`);
    expect(receiver.parameterValues('Version').at(-1)).toBe(last['version']);
    expect(online?.parameters).toMatchObject({
      AccountSid: program.credentials.accountSid,
      InstanceSid: service,
      ServiceSid: service,
      UserSid: user['sid'],
      Identity: 'alice',
      FriendlyName: 'Alice',
      Attributes: '{}',
      RoleSid: user['role_sid'],
      DateCreated: user['date_created'],
      DateUpdated: user['date_updated'],
    });
  });

  it('use the password of a URL, which neither REST, the CLI nor a log line shows', async () => {
    const program = await start({ ...LOCAL, LOG_LEVEL: 'debug' });
    const secret = receiver.url.replace('//', '//user:hush-hush@');
    const service = await newService(program, { PostWebhookUrl: secret, PreWebhookUrl: secret });
    const path = `/v2/Services/${service}`;
    const masked = receiver.url.replace('//', '//user:***@');
    expect((await program.get(path)).body).toMatchObject({
      pre_webhook_url: masked,
      post_webhook_url: masked,
    });
    await program.post(path, { PostWebhookUrl: masked, FriendlyName: 'y' });
    await program.post(userPath(service), { Identity: 'alice' }, WITH_WEBHOOK);
    const [request] = await receiver.waitFor(1);
    expect(request?.headers.authorization).toBe(`Basic ${btoa('user:hush-hush')}`);
    await inState(program, service, 'delivered');
    receiver.answer = () => ({ status: 400 });
    await program.post(userPath(service), { Identity: 'bob' }, WITH_WEBHOOK);
    await inState(program, service, 'dead');
    const cli = new Cli(program.dataDir);
    const outputs = await Promise.all([
      cli.run('services', 'list', '--json'),
      cli.run('events', 'replay'),
      cli.run('events', 'replay', '--json'),
      cli.run('webhooks', 'list', '--json'),
      cli.run('audit', 'export'),
    ]);
    const texts = outputs.map(({ code, stdout, stderr }) => `${code}${stdout}${stderr}`);
    const answers = [await program.get(path), await deliveries(program, service)];
    for (const text of [...texts, JSON.stringify(answers), JSON.stringify(program.output)]) {
      expect(text).not.toContain('hush-hush');
      expect(text).not.toContain(btoa('user:hush-hush'));
    }
    expect(texts.join()).toContain('//user:***@');
  });

  it('report Users created by a token, and REST writes only if the request asks for it', async () => {
    const program = await start();
    const service = await newService(program);
    const client = connect(program, accessToken(program, service, 'bob'));
    await client.next();
    await receiver.waitFor(2);
    client.terminate();
    await program.post(userPath(service), { Identity: 'quiet' });
    await program.post(userPath(service, 'quiet'), { FriendlyName: 'still' });
    await program.post(userPath(service, 'quiet'), { FriendlyName: 'loud' }, WITH_WEBHOOK);
    await until(
      'the update',
      () => receiver.parameterValues('FriendlyName').includes('loud') || undefined,
    );
    const events = receiver.received.map(({ parameters }) => [
      parameters['Identity'],
      parameters['EventType'],
    ]);
    expect(events.slice(0, 2)).toEqual([
      ['bob', 'onUserAdded'],
      ['bob', 'onUserUpdated'],
    ]);
    expect(events.filter(([identity]) => identity === 'quiet')).toEqual([
      ['quiet', 'onUserUpdated'],
    ]);
  });

  it('are not sent when a Service is toggled, nor for events that its filters exclude', async () => {
    const program = await start();
    const service = await newService(program, { WebhookFilters: ['onUserUpdated'] });
    await program.post(userPath(service), { Identity: 'alice' }, WITH_WEBHOOK);
    await open(program, service, 'alice');
    await receiver.waitFor(1);
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'false' });
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await open(program, service, 'alice');
    await receiver.waitFor(2);
    expect(receiver.parameterValues('EventType')).toEqual(['onUserUpdated', 'onUserUpdated']);
    expect(receiver.parameterValues('IsOnline')).toEqual(['true', 'true']);
  });

  it('are sent after a crash, in order and with the values of their time', async () => {
    const program = await start();
    const service = await newService(program);
    const { port } = receiver;
    await receiver.stop();
    const connection = await open(program, service, await alice(program, service));
    await program.delete(connection);
    await open(program, service, 'alice');
    await program.kill();
    receiver = await WebhookReceiver.start(port);
    const again = await start();
    await again.get(userPath(service));
    // A delivery that was running at the crash belongs to the dead worker until its lease ends.
    await receiver.waitFor(3, 25_000);
    expect(receiver.parameterValues('IsOnline').slice(0, 3)).toEqual(['true', 'false', 'true']);
  }, 45_000);

  it('are not sent again by a rebuild', async () => {
    const program = await start();
    const service = await newService(program);
    await open(program, service, await alice(program, service));
    await receiver.waitFor(1);
    const cli = new Cli(programs.dataDir);
    expect((await cli.run('projections', 'rebuild', 'users')).code).toBe(0);
    await program.delete(await open(program, service, 'alice'));
    await program.post(userPath(service), { Identity: 'bob' }, WITH_WEBHOOK);
    await until(
      'the next User',
      () => receiver.parameterValues('Identity').includes('bob') || undefined,
    );
    expect(receiver.parameterValues('EventType')).toEqual(['onUserUpdated', 'onUserAdded']);
  });

  it('are not sent to private networks unless these are allowed; a retry then delivers them', async () => {
    const program = await start({});
    const service = await newService(program);
    await program.post(userPath(service), { Identity: 'alice' }, WITH_WEBHOOK);
    const dead = await inState(program, service, 'dead');
    expect(dead).toMatchObject({
      attempts: 1,
      response_code: null,
      error: '127.0.0.1 is not a public address',
    });
    await program.stop();
    const open = await start();
    const cli = new Cli(programs.dataDir);
    expect(await cli.json('webhooks', 'retry', '--service', service)).toEqual({ retried: 1 });
    await receiver.waitFor(1);
    expect(await inState(open, service, 'delivered')).toMatchObject({ sid: dead['sid'] });
  });

  it('wait while the receiver fails, are visible to operators, and continue with the next attempt', async () => {
    const program = await start();
    const service = await newService(program);
    let up = false;
    receiver.answer = () => ({ status: up ? 200 : 503 });
    await program.post(userPath(service), { Identity: 'ann' }, WITH_WEBHOOK);
    await program.post(userPath(service, 'ann'), { FriendlyName: 'Ann' }, WITH_WEBHOOK);
    expect(await inState(program, service, 'failed')).toMatchObject({
      response_code: 503,
      error: 'Answered 503',
      event_type: 'onUserAdded',
    });
    const cli = new Cli(programs.dataDir);
    expect(await cli.json('webhooks', 'status')).toMatchObject({
      lag_events: 0,
      down_reason: null,
      services: [{ service_sid: service, pending: 1, failed: 1, delivered: 0, dead: 0 }],
    });
    up = true;
    const [update] = await until('both', async () => {
      const all = await deliveries(program, service);
      return all.every(({ status }) => status === 'delivered') ? all : undefined;
    });
    expect(update).toMatchObject({ event_type: 'onUserUpdated', attempts: 1 });
    expect(receiver.parameterValues('FriendlyName').slice(-2)).toEqual([undefined, 'Ann']);
    const listed = await cli.run('webhooks', 'list', '--service', service, '--status', 'delivered');
    expect(listed.stdout).toMatch(/onUserAdded +delivered +[2-9] +200/);
    expect((await cli.run('webhooks', 'retry')).code).toBe(2);
    expect((await cli.run('webhooks', 'retry', `WD${'0'.repeat(32)}`)).code).toBe(2);
  });

  it('are listed page by page, newest first', async () => {
    const program = await start();
    const service = await newService(program);
    for (const identity of ['a', 'b', 'c']) {
      await program.post(userPath(service), { Identity: identity }, WITH_WEBHOOK);
    }
    await receiver.waitFor(3);
    const path = `/v2/Services/${service}/Webhooks/Deliveries`;
    const first = await program.get(`${path}?PageSize=2`);
    const identities = (body: JsonObject): unknown[] =>
      (body['deliveries'] as { parameters: JsonObject }[]).map(
        ({ parameters }) => parameters['Identity'],
      );
    expect(identities(first.body)).toEqual(['c', 'b']);
    const links = (body: JsonObject): JsonObject => body['meta'] as JsonObject;
    const second = await follow(program, links(first.body)['next_page_url']);
    expect(identities(second)).toEqual(['a']);
    const back = await follow(program, links(second)['previous_page_url']);
    expect(identities(back)).toEqual(['c', 'b']);
    const [delivery] = first.body['deliveries'] as JsonObject[];
    expect((await follow(program, delivery?.['url']))['sid']).toBe(delivery?.['sid']);
    expect((await program.get(`${path}/WD${'0'.repeat(32)}`)).status).toBe(404);
  });

  /** Fetches a link of an answer. */
  async function follow(program: Program, link: unknown): Promise<JsonObject> {
    if (typeof link !== 'string') throw new Error('Not a link');
    return (await program.get(link.replace(program.url, ''))).body;
  }

  async function alice(program: Program, service: string): Promise<string> {
    await program.post(userPath(service), { Identity: 'alice' });
    return 'alice';
  }
});
