import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { eventsOf, RawClient } from './raw-client.ts';

let program: Program;
let service: ChatService;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());
beforeEach(async () => {
  service = await ChatService.create(program);
});

/** Number of the position at the end of a version. */
const positionOf = (version: unknown): number => Number(String(version).split(':')[1]);

const continuationOf = ({ header }: { readonly header: object }): unknown =>
  Object.entries(header).find(([name]) => name === 'continuation_token')?.[1];

async function connectionsOf(identity: string): Promise<number> {
  const { body } = await program.get(`${service.pathOf(identity)}/Connections`);
  return ((body['connections'] ?? []) as unknown[]).length;
}

/** Waits for the read model, which follows sockets after some milliseconds. */
async function untilConnections(identity: string, count: number): Promise<void> {
  await until(`${count} Connections of ${identity}`, async () =>
    (await connectionsOf(identity)) === count ? true : undefined,
  );
}

async function mapOf(identity: string): Promise<string> {
  return userMapSid((await program.get(service.pathOf(identity))).sid);
}

describe('The id of a Sync event', () => {
  it('is the position in the version of REST', async () => {
    await service.createUser('bob');
    const { client } = await RawClient.init(program, service.token('alice'));
    await client.subscribe(await mapOf('bob'));
    await client.notification('map_item_updated');
    await service.connect('bob');
    const update = await client.notification('map_item_updated');
    expect(eventsOf(update)).toMatchObject([
      {
        item_key: 'reachability',
        item_data: { online: true, notifiable: false },
        id: positionOf((await service.reachability('bob'))['version']),
      },
    ]);
    client.socket.terminate();
  });

  it('is in the answer about the map, and later events are replayed from it', async () => {
    await service.createUser('bob');
    const { client } = await RawClient.init(program, service.token('alice'));
    const mapSid = await mapOf('bob');
    const { body } = await client.request({
      method: 'GET',
      path: `/v3/Maps/${mapSid}`,
      params: { Include: 'items' },
    });
    expect(body['items']).toMatchObject([
      { key: 'attributes', data: { value: '{}' } },
      { key: 'friendlyName', data: { value: null } },
      { key: 'reachability', data: { online: null, notifiable: null } },
    ]);
    await service.connect('bob');
    const known = Number(body['last_event_id']);
    const established = await client.subscribe(mapSid, known);
    const replayed = await client.notification('map_item_updated');
    expect(replayed.header).toMatchObject({ message_type: 'twilio.sync.event' });
    expect(eventsOf(replayed).at(-1)).toMatchObject({
      item_key: 'reachability',
      item_data: { online: true, notifiable: false },
    });
    const last = Number(eventsOf(established)[0]?.['last_event_id']);
    expect(last).toBeGreaterThan(known);
    expect(eventsOf(await client.subscribe(mapSid, last))).toMatchObject([{ last_event_id: last }]);
    client.socket.terminate();
  });
});

describe('A client that loses its socket', () => {
  it('resumes its Connection without an event', async () => {
    const { client, reply } = await RawClient.init(program, service.token('alice'));
    await untilConnections('alice', 1);
    const { version } = await service.reachability('alice');
    client.socket.terminate();
    const again = await RawClient.init(program, service.token('alice'), {
      continuation_token: continuationOf(reply),
    });
    expect(again.reply.header['status']).toMatchObject({ code: 200 });
    expect(await connectionsOf('alice')).toBe(1);
    expect((await service.reachability('alice'))['version']).toBe(version);
    again.client.socket.terminate();
  });

  it('takes over from a socket that still seems open', async () => {
    const { client, reply } = await RawClient.init(program, service.token('alice'));
    const again = await RawClient.init(program, service.token('alice'), {
      continuation_token: continuationOf(reply),
    });
    expect((await client.next(({ header }) => header['method'] === 'close')).header).toMatchObject({
      status: { code: 409 },
    });
    expect(await client.closed).toBe(4409);
    await untilConnections('alice', 1);
    again.client.socket.terminate();
  });

  it('gets a new Connection if its continuation was already used or belongs to another User', async () => {
    const { client, reply } = await RawClient.init(program, service.token('alice'));
    const continuation = { continuation_token: continuationOf(reply) };
    const bob = await RawClient.init(program, service.token('bob'), continuation);
    await untilConnections('bob', 1);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    const first = await RawClient.init(program, service.token('alice'), continuation);
    const second = await RawClient.init(program, service.token('alice'), continuation);
    await untilConnections('alice', 2);
    for (const { client: one } of [bob, first, second]) one.socket.terminate();
  });
});

describe('A client that goes silent', () => {
  it('is pinged, and is offline within the published staleness bound', async () => {
    await service.setGrace(0);
    await service.createUser('alice');
    const bound = Number((await service.reachability('alice'))['staleness_bound_ms']);
    const silent = new RawClient(program, { autoPong: false });
    await silent.opened;
    await silent.ask({ method: 'init', token: service.token('alice') });
    const { client } = await RawClient.init(program, service.token('bob'));
    const since = performance.now();
    await silent.closed;
    expect(performance.now() - since).toBeLessThan(bound + 1_000);
    await service.untilRest('alice', { online: false, notifiable: false });
    expect(await service.rest('bob')).toEqual({ online: true, notifiable: false });
    client.socket.terminate();
  });
});

describe('A registration of a device that its token names', () => {
  it('replaces the one before', async () => {
    const token = service.tokenFor({ identity: 'alice', endpointId: 'phone' });
    const { client } = await RawClient.init(program, token);
    const register = (registrationId: string) =>
      client.request({
        method: 'POST',
        path: '/v1/registrations',
        params: { productId: 'ip_messaging' },
        body: { channel_type: 'fcm', data: { registration_id: registrationId } },
      });
    const [first, same, second] = [await register('a'), await register('a'), await register('b')];
    expect([first.status, same.status, second.status]).toEqual([201, 201, 201]);
    expect(same.body).toEqual(first.body);
    const { body } = await program.get(`${service.pathOf('alice')}/Bindings`);
    expect(body['bindings']).toMatchObject([{ sid: second.body['id'], endpoint: 'phone' }]);
    client.socket.terminate();
  });
});
