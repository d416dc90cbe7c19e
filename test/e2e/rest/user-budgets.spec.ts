import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RawClient } from '../../conformance/twilsock/raw-client.ts';
import { fieldsOf, textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** At once, and then one each second. */
const BURST = 5;
const SENT = 40;

describe('What one User may write and how often it may connect', () => {
  let program: Program;
  let service: string;
  const sockets: { terminate(): void }[] = [];

  beforeAll(async () => {
    program = await startProgram({
      env: {
        CONNECT_BURST_PER_USER: `${BURST}`,
        CONNECTS_PER_USER_PER_SECOND: '1',
        WRITE_BURST_PER_USER: `${BURST}`,
        WRITES_PER_USER_PER_SECOND: '1',
      },
    });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });
  beforeEach(async () => {
    service = (await program.post('/v2/Services', { FriendlyName: 'Budgets' })).sid;
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });

  const begin = (identity: string, query = ''): StreamClient => {
    const token = accessToken(program, service, identity);
    const client = connect(program, token, { path: `/stream?token=${token}${query}` });
    sockets.push(client);
    return client;
  };
  const open = async (identity: string): Promise<StreamClient> => {
    const client = begin(identity);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  };
  const bind = async (client: StreamClient, id: number) => {
    client.send({ type: 'bind', id, binding_type: 'fcm', address: `address-${id}` });
    return client.next();
  };
  const bindings = async (identity: string): Promise<readonly unknown[]> => {
    const path = `/v2/Services/${service}/Users/${identity}/Bindings?PageSize=100`;
    const { body } = await program.get(path);
    return Array.isArray(body['bindings']) ? body['bindings'] : [];
  };
  /** Fewest that are beyond the limit of so many that were sent since. */
  const fewestRefused = (startedAt: number): number =>
    SENT - BURST - Math.ceil((performance.now() - startedAt) / 1_000);

  it('limits Bindings by frame, over all sockets of the User', async () => {
    const [client, other, bob] = [await open('alice'), await open('alice'), await open('bob')];
    const startedAt = performance.now();
    const answers = [];
    for (let id = 0; id < SENT; id += 1)
      answers.push(await bind(id % 2 === 0 ? client : other, id));
    const refused = answers.filter(({ type }) => type === 'error');
    expect(refused.length).toBeGreaterThanOrEqual(fewestRefused(startedAt));
    for (const frame of refused) {
      expect(frame).toMatchObject({ code: 'too_many_writes', retry_after_ms: 1_000 });
    }
    await until('the Bindings that were accepted', async () =>
      (await bindings('alice')).length === SENT - refused.length ? true : undefined,
    );
    client.send({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    expect(await bind(bob, 1)).toMatchObject({ type: 'bound' });
    await until('a write to be allowed again', async () =>
      (await bind(client, SENT))['type'] === 'bound' ? true : undefined,
    );
  });

  it('limits changes of the profile and registrations over Twilsock together', async () => {
    const { client } = await RawClient.init(program, accessToken(program, service, 'alice'));
    sockets.push(client.socket);
    const path = (count: number) =>
      count % 2 === 0 ? `/v1/Services/${service}/Users/alice` : '/v1/registrations';
    const body = (count: number) =>
      count % 2 === 0
        ? { friendly_name: `Alice ${count}` }
        : { channel_type: 'fcm', data: { registration_id: `${count}` } };
    const startedAt = performance.now();
    const refused = [];
    for (let count = 0; count < SENT; count += 1) {
      const request = { method: 'POST', path: path(count) };
      const { header, payload } = await client.ask(
        { method: 'message', active_grant: 'ip_messaging', http_request: request },
        body(count),
      );
      const { code } = fieldsOf(header['http_status']);
      if (code === 429) refused.push({ code: payload['code'], headers: header['http_headers'] });
      else expect([200, 201]).toContain(code);
    }
    expect(refused.length).toBeGreaterThanOrEqual(fewestRefused(startedAt));
    expect(refused[0]).toEqual({ code: 20429, headers: { 'Retry-After': '1' } });
  });

  it('limits new Connections, but not those that are resumed', async () => {
    const held = await open('alice');
    // Its `ready` frame was read above: another one names the Connection to resume.
    const second = begin('alice');
    const connectionSid = textOf(await second.next(), 'connection_sid');
    const startedAt = performance.now();
    const refused = [];
    for (let count = 0; count < SENT; count += 1) {
      const client = begin('alice');
      const frame = await client.next();
      if (frame['type'] === 'error') refused.push([frame, (await client.closed).code]);
      else client.send({ type: 'bye' });
    }
    expect(refused.length).toBeGreaterThanOrEqual(fewestRefused(startedAt) - 2);
    expect(refused[0]).toEqual([
      {
        type: 'error',
        code: 'too_many_connects',
        message: 'This User connects too often',
        retry_after_ms: 1_000,
      },
      4429,
    ]);
    for (let count = 0; count < 2 * BURST; count += 1) {
      const resumed = begin('alice', `&resume=${connectionSid}`);
      expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
    }
    held.send({ type: 'ping' });
    expect(await held.next()).toEqual({ type: 'pong' });
    await open('bob');
  });

  it('keeps the newest 50 of 52 Bindings that an API key registers, without a limit of the rate', async () => {
    const path = `/v2/Services/${service}/Users/carol/Bindings`;
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'carol' });
    const registered: string[] = [];
    for (let count = 0; count < 52; count += 1) {
      const answer = await program.post(path, { BindingType: 'fcm', Address: `a${count}` });
      expect(answer.status).toBe(201);
      registered.push(answer.sid);
    }
    const kept = (await bindings('carol')).map((binding) => fieldsOf(binding)['sid']);
    expect(kept.sort()).toEqual(registered.slice(2).sort());
  });
});
