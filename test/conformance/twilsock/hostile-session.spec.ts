import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fieldsOf, textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { ChatService } from './chat-service.ts';
import { RawClient } from './raw-client.ts';

/** A new seed for each run; set FUZZ_SEED to repeat a failed one. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const RUNS = { numRuns: 150, seed: SEED };

/** Hostile requests about event protocol 3, the session list, its commands, and the own profile. */
let program: Program;
let service: ChatService;
let victimList: string;
let victim: RawClient;
let client: RawClient;
let list: string;

beforeAll(async () => {
  const env = { CONNECT_BURST_PER_USER: '100000', WRITE_BURST_PER_USER: '100000' };
  program = await startProgram({ env: { ...env, FRAME_BURST: '100000' } });
  service = await ChatService.create(program);
});
afterAll(() => program.stop());
beforeEach(async () => {
  ({ client: victim } = await RawClient.init(program, service.token('victim')));
  victimList = await openList(victim);
  await subscribe(victim, victimList);
  ({ client } = await RawClient.init(program, service.token('mallory')));
  list = await openList(client);
});
afterEach(async () => {
  // Another client still gets changes after every test, and its User is as it was.
  await service.setEnabled(false);
  const { payload } = await victim.notification('list_context_updated');
  expect(payload).toMatchObject({ event: { context_data: { reachabilityEnabled: false } } });
  const { body } = await program.get(service.pathOf('victim'));
  expect(body).toMatchObject({ friendly_name: null, attributes: '{}' });
  await service.setEnabled(true);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.socket.terminate();
  victim.socket.terminate();
});

async function openList(of: RawClient): Promise<string> {
  const body = { purpose: 'com.twilio.rtd.ipmsg', context: { type: 'IpMsgSession' } };
  return textOf((await of.request({ method: 'POST', path: '/v3/Lists', body })).body, 'sid');
}

async function subscribe(of: RawClient, sid: string): Promise<void> {
  await post(of, '/v4/Subscriptions', {
    event_protocol_version: 3,
    action: 'establish',
    correlation_id: 1,
    requests: [{ object_sid: sid, object_type: 'list' }],
  });
  await of.notification('list_context_updated');
}

async function post(of: RawClient, path: string, body: unknown): Promise<number> {
  return (await of.request({ method: 'POST', path, body })).status;
}

const hostile = () =>
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      '\u0000',
      '\ud800',
      -1,
      2 ** 53,
      '__proto__',
      'x'.repeat(1_000),
      victimList,
      'victim',
    ),
  );

describe('A hostile subscription', () => {
  it('is refused or reported, in every protocol, and subscribes to no list of another User', async () => {
    const value = hostile();
    const bodies = fc.record(
      {
        event_protocol_version: fc.oneof(fc.constantFrom<unknown>(3, 4, 5, '3', 0), value),
        action: fc.oneof(fc.constantFrom<unknown>('establish', 'cancel'), value),
        correlation_id: fc.oneof(fc.constant<unknown>(1), value),
        requests: fc.oneof(
          fc.array(
            fc.record(
              {
                object_sid: fc.oneof(fc.constant<unknown>(victimList), value),
                object_type: fc.oneof(fc.constantFrom<unknown>('list', 'map', 'document'), value),
                last_event_id: fc.oneof(fc.constantFrom<unknown>(0, null, -1, 1e300), value),
              },
              { requiredKeys: [] },
            ),
            { maxLength: 5 },
          ),
          value,
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        expect([200, 400]).toContain(await post(client, '/v4/Subscriptions', body));
      }),
      RUNS,
    );
    const theirs = [{ object_sid: victimList, object_type: 'list' }];
    const body = { event_protocol_version: 3, action: 'establish', correlation_id: 1 };
    expect(await post(client, '/v4/Subscriptions', { ...body, requests: theirs })).toBe(400);
  });

  it('that changes the protocol again and again still gets its answers', async () => {
    const established = { action: 'establish', correlation_id: 1 };
    const requests = [{ object_sid: list, object_type: 'list' }];
    for (let version = 3; version <= 12; version += 1) {
      const body = { ...established, event_protocol_version: 3 + (version % 2), requests };
      expect(await post(client, '/v4/Subscriptions', body)).toBe(200);
      await client.notification('list_context_updated');
    }
  });
});

describe('A hostile session', () => {
  it('is opened for its own User only, whatever the client asks for', async () => {
    const value = hostile();
    const bodies = fc.record(
      {
        purpose: fc.oneof(fc.constant<unknown>('com.twilio.rtd.ipmsg'), value),
        unique_name: value,
        context: fc.oneof(
          value,
          fc.record({ identity: fc.constant('victim'), userInfo: fc.constant(victimList) }),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const answer = await client.request({ method: 'POST', path: '/v3/Lists', body });
        expect([201, 403]).toContain(answer.status);
        if (answer.status !== 201) return;
        expect(answer.body).toMatchObject({ sid: list, context: { identity: 'mallory' } });
      }),
      RUNS,
    );
  });

  it('has no list of another User, by any path', async () => {
    for (const below of ['', '/Context', '/Items', '/Items/1', '/../Items']) {
      for (const sid of [victimList, victimList.toUpperCase(), `${list}/../${victimList}`]) {
        const path = `/v3/Lists/${sid}${below}`;
        const status = (await client.request({ method: 'GET', path })).status;
        expect([path, status]).toEqual([path, 404]);
        expect(await post(client, path, { data: {} })).toBeGreaterThanOrEqual(400);
      }
    }
  });
});

describe('A hostile command', () => {
  it('is refused, or has an outcome that changes only the own profile', async () => {
    const value = hostile();
    const request = fc.record(
      {
        action: fc.oneof(
          fc.constantFrom<unknown>('editUserFriendlyName', 'editUserAttributes', 'createChannel'),
          value,
        ),
        username: fc.oneof(fc.constantFrom<unknown>('mallory', 'victim'), value),
        friendlyName: value,
        attributes: value,
      },
      { requiredKeys: [] },
    );
    const data = fc.record(
      { commandId: fc.oneof(fc.constant<unknown>('c'), value), request: fc.oneof(request, value) },
      { requiredKeys: [] },
    );
    const path = `/v3/Lists/${list}/Items`;
    const body = fc.oneof(fc.record({ data: fc.oneof(data, value) }, { requiredKeys: [] }), value);
    await subscribe(client, list);
    await fc.assert(
      fc.asyncProperty(body, async (command) => {
        const answer = await client.request({ method: 'POST', path, body: command });
        expect([201, 400, 429]).toContain(answer.status);
        if (answer.status !== 201) return;
        const { payload } = await client.notification('list_item_updated');
        const { status } = fieldsOf(
          fieldsOf(fieldsOf(fieldsOf(payload['event'])['item_data'])['response']),
        );
        expect([200, 400, 403, 429, 501]).toContain(status);
      }),
      RUNS,
    );
  });

  it('for another User is refused in its outcome, in every spelling of the name', async () => {
    await subscribe(client, list);
    for (const username of ['victim', 'Mallory', ' mallory', ['mallory'], { mallory: 1 }, null]) {
      const request = { action: 'editUserFriendlyName', username, friendlyName: 'x' };
      const data = { commandId: `c-${JSON.stringify(username)}`, request };
      expect(await post(client, `/v3/Lists/${list}/Items`, { data })).toBe(201);
      const { payload } = await client.notification('list_item_updated');
      expect(payload).toMatchObject({ event: { item_data: { response: { status: 403 } } } });
    }
  });
});
