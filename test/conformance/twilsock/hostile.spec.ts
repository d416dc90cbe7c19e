import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame } from '../../../apps/api/src/realtime/twilsock/frame.ts';
import {
  conversationsMapSid,
  userMapSid,
} from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { ChatService } from './chat-service.ts';
import { eventsOf, RawClient, type TunnelledRequest } from './raw-client.ts';

/** Input of attackers and broken clients. A well-behaved client must not be affected. */
let program: Program;
let service: ChatService;
let other: ChatService;
let bystander: RawClient;

beforeAll(async () => {
  program = await startProgram();
  service = await ChatService.create(program);
  other = await ChatService.create(program);
  await service.createUser('bob');
  await other.createUser('bob');
  await other.createUser('mallory');
});
afterAll(() => program.stop());
beforeEach(async () => {
  ({ client: bystander } = await RawClient.init(program, service.token('alice')));
  await bystander.subscribe(await mapOf(service, 'bob'));
  await bystander.notification('map_item_updated');
});
afterEach(async () => {
  // The well-behaved client still gets changes after every test.
  const disconnect = await service.connect('bob');
  const update = await bystander.notification('map_item_updated');
  expect(eventsOf(update)).toMatchObject([{ item_data: { online: true } }]);
  await disconnect();
  bystander.socket.terminate();
});

async function mapOf(of: ChatService, identity: string): Promise<string> {
  return userMapSid((await program.get(of.pathOf(identity))).sid);
}

/** Number of refusals of this gateway with a code, from the metrics. */
async function refusals(code: string): Promise<number> {
  const { text } = await program.get('/metrics');
  const line = new RegExp(
    `^reachability_realtime_refused_total\\{gateway="twilsock",code="${code}"\\} (\\d+)$`,
    'm',
  );
  return Number(line.exec(text)?.[1] ?? 0);
}

const isClose = ({ header }: { readonly header: Readonly<Record<string, unknown>> }): boolean =>
  header['method'] === 'close';

/** Sends bytes and returns the status of the close frame and the close code. */
async function closeOf(client: RawClient, bytes: Buffer | string) {
  client.send(bytes);
  const { header } = await client.next(isClose);
  return { status: header['status'], code: await client.closed };
}

async function openClient(): Promise<RawClient> {
  const client = new RawClient(program);
  await client.opened;
  return client;
}

const BAD_FRAME = { status: { code: 406 }, code: 4400 };
const init = () => encodeFrame({ method: 'init', id: 'TM1', token: service.token('carol') });

describe('Invalid frames', () => {
  it.each<[string, () => Buffer | string]>([
    ['an empty message', () => Buffer.alloc(0)],
    ['text instead of bytes', () => init().toString('utf8')],
    ['another protocol', () => Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a header over the limit', () => Buffer.from('TWILSOCK V3.0 60000\r\n{}\r\n')],
    ['a truncated frame', () => init().subarray(0, -9)],
    ['a frame with extra bytes', () => Buffer.concat([init(), Buffer.from('x')])],
    [
      'a header with a wrong payload size',
      () => Buffer.from('TWILSOCK V3.0 43\r\n{"method":"init","id":"y","payload_size":9}\r\nabc'),
    ],
    [
      'a first frame that is not init',
      () => encodeFrame({ method: 'update', id: 'TM1', token: 'x' }),
    ],
    ['an init without a token', () => encodeFrame({ method: 'init', id: 'TM1' })],
    [
      'an init with a token that is not a string',
      () => encodeFrame({ method: 'init', id: 'TM1', token: {} }),
    ],
  ])('are rejected: %s', async (_, bytes) => {
    const before = await refusals('bad_frame');
    expect(await closeOf(await openClient(), bytes())).toMatchObject(BAD_FRAME);
    expect(await refusals('bad_frame')).toBe(before + 1);
  });

  it('are rejected for all bytes, without harm to others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        expect(await closeOf(await openClient(), Buffer.from(bytes))).toMatchObject(BAD_FRAME);
      }),
      { numRuns: 40 },
    );
  });

  it('are rejected from a ready client, and end its Connection', async () => {
    const { client } = await RawClient.init(program, service.token('carol'));
    expect(await closeOf(client, init())).toMatchObject(BAD_FRAME);
    const { client: again } = await RawClient.init(program, service.token('carol'));
    expect(await closeOf(again, Buffer.from('nonsense'))).toMatchObject(BAD_FRAME);
  });

  it('are not read if they are too large', async () => {
    const client = await openClient();
    client.send(Buffer.alloc(70_000));
    expect(await client.closed).toBe(1009);
  });
});

describe('Frames over the rate limit', () => {
  it('close the client', async () => {
    const { client } = await RawClient.init(program, service.token('carol'));
    for (let sent = 0; sent < 5_000; sent += 1) {
      client.send(encodeFrame({ method: 'telemetry.v1', id: `TM${sent}` }));
    }
    expect((await client.next(isClose)).header).toMatchObject({ status: { code: 429 } });
    expect(await client.closed).toBe(4429);
    expect(await refusals('too_many_requests')).toBeGreaterThan(0);
  });

  it('do not include replies to the server', async () => {
    const changes = 300;
    for (let change = 0; change < changes; change += 1) {
      await program.post(service.pathOf('bob'), { FriendlyName: `Bob ${change}` });
      const { header } = await bystander.notification('map_item_updated');
      bystander.send(encodeFrame({ method: 'reply', id: textOf(header, 'id') }));
    }
    expect(bystander.socket.readyState).toBe(bystander.socket.OPEN);
  });
});

describe('Tokens', () => {
  it('without a signature are rejected', async () => {
    const unsigned = service.token('carol').replace(/\.[^.]*$/, '.');
    const client = await openClient();
    const { header } = await client.ask({ method: 'init', token: unsigned });
    expect(header).toMatchObject({ status: { code: 401, errorCode: 20107 } });
    expect(await client.closed).toBe(4401);
  });

  it('of another User are rejected in an update', async () => {
    const { client } = await RawClient.init(program, service.token('carol'));
    for (const token of [service.token('bob'), other.token('carol')]) {
      const { header } = await client.ask({ method: 'update', token });
      expect(header).toMatchObject({ status: { code: 403, errorCode: 20106 } });
    }
    const { header } = await client.ask({ method: 'update', token: 'nonsense' });
    expect(header).toMatchObject({ status: { code: 401, errorCode: 20101 } });
    const { header: renewed } = await client.ask({
      method: 'update',
      token: service.token('carol'),
    });
    expect(renewed).toMatchObject({ status: { code: 200 } });
    client.socket.terminate();
  });
});

describe('A tunnelled request', () => {
  let client: RawClient;

  beforeEach(async () => {
    ({ client } = await RawClient.init(program, service.token('carol')));
  });
  afterEach(() => client.socket.terminate());

  const statusOf = async (request: TunnelledRequest) => (await client.request(request)).status;
  const users = () => `/v1/Services/${service.sid}/Users`;

  it('to an unknown path is answered with Twilio’s body', async () => {
    expect(await client.request({ method: 'GET', path: '/v1/Nothing' })).toEqual({
      status: 404,
      body: {
        code: 20404,
        message: 'The requested resource /Nothing was not found',
        more_info: 'https://www.twilio.com/docs/errors/20404',
        status: 404,
      },
    });
    expect(await refusals('404')).toBeGreaterThan(0);
  });

  it('cannot reach another Service by any path', async () => {
    const { sid } = await program.get(other.pathOf('mallory'));
    const otherMap = await mapOf(other, 'mallory');
    for (const path of [
      `/v1/Services/${other.sid}/Users/mallory`,
      `/v1/Services/${other.sid}/UserConversations`,
      `${users()}/mallory`,
      `${users()}/${sid}`,
      `${users()}/../../${other.sid}/Users/mallory`,
      `${users()}/%2e%2e%2f%2e%2e%2f${other.sid}%2fUsers%2fmallory`,
      `${users()}/..%2f..%2f${other.sid}/Users/${sid}`,
      `https://127.0.0.1${users()}/mallory`,
      `//${users()}/bob`,
      `/v3/Maps/${otherMap}`,
      `/v3/Maps/${otherMap}/Items`,
      `/v3/Maps/${conversationsMapSid(sid)}`,
      `/v3/Maps/%4d${otherMap.slice(1)}`,
      `/v2/Services/${service.sid}/Users/bob`,
      '/metrics',
      '/health/ready',
    ]) {
      expect([path, await statusOf({ method: 'GET', path })]).toEqual([path, 404]);
      const changed = await statusOf({ method: 'POST', path, body: { friendly_name: 'x' } });
      expect(changed).toBeGreaterThanOrEqual(400);
    }
    const failed = await client.subscribe(otherMap);
    expect(failed.payload).toMatchObject({ event_type: 'subscription_failed' });
    expect((await program.get(other.pathOf('mallory'))).body).toMatchObject({
      friendly_name: null,
    });
  });

  it('changes only the caller, and only its own properties', async () => {
    const rejection = { status: 403, body: { code: 50107 } };
    for (const path of [
      `${users()}/bob`,
      `${users()}/${(await program.get(service.pathOf('bob'))).sid}`,
    ]) {
      expect(
        await client.request({ method: 'POST', path, body: { friendly_name: 'x' } }),
      ).toMatchObject(rejection);
    }
    const body = { friendly_name: 'C', role_sid: 'RL1', is_online: false, identity: 'bob' };
    const changed = await client.request({ method: 'POST', path: `${users()}/carol`, body });
    expect(changed).toMatchObject({
      status: 200,
      body: { identity: 'carol', friendly_name: 'C', is_online: true },
    });
  });

  it.each<[string, () => TunnelledRequest, number]>([
    ['a name that is not a string', () => edit({ friendly_name: 1 }), 400],
    ['attributes that are not JSON', () => edit({ attributes: '{' }), 400],
    [
      'attributes that are too long',
      () => edit({ attributes: JSON.stringify('x'.repeat(17_000)) }),
      400,
    ],
    ['a prototype', () => edit(JSON.parse('{"__proto__":{"friendly_name":"x"}}')), 200],
    ['a list instead of an object', () => edit([]), 200],
    ['a subscription to nothing', () => post('/v4/Subscriptions', {}), 400],
    ['a subscription to a list', () => post('/v4/Subscriptions', subscription('list')), 400],
    [
      'a registration without an address',
      () => post('/v1/registrations', { channel_type: 'fcm' }),
      400,
    ],
    [
      'a registration for another channel',
      () => post('/v1/registrations', { channel_type: 'sms', data: { registration_id: 'x' } }),
      400,
    ],
    ['a write to a map', () => post(`/v3/Maps/MP${'0'.repeat(32)}`, {}), 403],
    ['an unknown method', () => ({ method: 'PATCH', path: `${users()}/carol` }), 405],
  ])('with %s is rejected or handled safely', async (_, request, status) => {
    expect(await statusOf(request())).toBe(status);
    expect((await program.get(service.pathOf('carol'))).body).toMatchObject({ attributes: '{}' });
  });

  it.each(['{', 'text', "{'a':1}"])(
    "refuses attributes that are not JSON with Twilio's code: %s",
    async (attributes) => {
      expect(await client.request(edit({ attributes }))).toMatchObject({
        status: 400,
        body: { code: 50304, message: 'Attributes must be a JSON document' },
      });
    },
  );

  it.each(['"text"', '7', 'true', 'null', '{}'])(
    'accepts any JSON as attributes: %s',
    async (attributes) => {
      expect(await client.request(edit({ attributes }))).toMatchObject({
        status: 200,
        body: { attributes },
      });
    },
  );

  const post = (path: string, body: unknown): TunnelledRequest => ({ method: 'POST', path, body });
  const edit = (body: unknown): TunnelledRequest => post(`${users()}/carol`, body);
  const subscription = (type: string) => ({
    action: 'establish',
    correlation_id: 1,
    requests: [{ object_sid: `MP${'0'.repeat(32)}`, object_type: type }],
  });

  it('removes only the caller’s own registrations', async () => {
    await service.createUser('dave');
    const bindings = `${service.pathOf('dave')}/Bindings`;
    const { sid } = await program.post(bindings, { BindingType: 'fcm', Address: 'b' });
    expect(await statusOf({ method: 'DELETE', path: `/v1/registrations/${sid}` })).toBe(204);
    expect((await program.get(bindings)).body['bindings']).toHaveLength(1);
  });
});
