import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fieldsOf, textOf, type Fields } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { ChatService } from './chat-service.ts';
import { RawClient, type TunnelledAnswer } from './raw-client.ts';

/** The session of `twilio-chat` 3 and 4 and of `@twilio/conversations` 1, frame by frame as these SDKs send it. */
let program: Program;
let service: ChatService;
let client: RawClient;
let list: Fields;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());
beforeEach(async () => {
  service = await ChatService.create(program);
  ({ client } = await RawClient.init(program, service.token('alice')));
  list = (await openList(client)).body;
});

function openList(of: RawClient): Promise<TunnelledAnswer> {
  const context = { type: 'IpMsgSession', apiVersion: '3', endpointPlatform: 'js' };
  const body = { purpose: 'com.twilio.rtd.ipmsg', context };
  return of.request({ method: 'POST', path: '/v3/Lists', body });
}

async function subscribe(): Promise<void> {
  const request = { object_sid: list['sid'], object_type: 'list', last_event_id: null };
  await client.request({
    method: 'POST',
    path: '/v4/Subscriptions',
    body: {
      event_protocol_version: 3,
      action: 'establish',
      correlation_id: 1,
      requests: [request],
    },
  });
}

/** Sends a command and returns the status in its outcome. */
async function execute(request: object): Promise<unknown> {
  const path = `/v3/Lists/${textOf(list, 'sid')}/Items`;
  const data = { commandId: `c-${JSON.stringify(request)}`, request };
  const { status, body } = await client.request({ method: 'POST', path, body: { data } });
  expect(status).toBe(201);
  const { payload } = await client.notification('list_item_updated');
  const event = fieldsOf(payload['event']);
  expect(event).toMatchObject({ item_index: body['index'], item_data: data });
  return fieldsOf(fieldsOf(event['item_data'])['response'])['status'];
}

describe('The session list', () => {
  it('has the context of the client, with paths as links', async () => {
    expect(list).toMatchObject({
      sid: expect.stringMatching(/^ES[0-9a-f]{32}$/),
      links: { items: expect.any(String), context: expect.any(String) },
    });
    const path = `/v3/Lists/${textOf(list, 'sid')}/Context`;
    const { body } = await client.request({ method: 'GET', path });
    expect(body).toEqual({
      data: expect.objectContaining({
        type: 'IpMsgSession',
        identity: 'alice',
        userInfo: expect.stringMatching(/^MP/),
        reachabilityEnabled: true,
        links: expect.objectContaining({ usersUrl: `/v1/Services/${service.sid}/Users` }),
      }),
    });
  });

  it('follows the flag of the Service', async () => {
    await subscribe();
    const flagOf = async (): Promise<unknown> => {
      const { payload } = await client.notification('list_context_updated');
      return fieldsOf(fieldsOf(payload['event'])['context_data'])['reachabilityEnabled'];
    };
    expect(await flagOf()).toBe(true);
    await service.setEnabled(false);
    expect(await flagOf()).toBe(false);
    await service.setEnabled(true);
    expect(await flagOf()).toBe(true);
  });

  it('is the same one on a later socket', async () => {
    const again = await RawClient.init(program, service.token('alice'));
    expect((await openList(again.client)).body['sid']).toBe(list['sid']);
  });

  it('is hidden from other Users', async () => {
    const other = await RawClient.init(program, service.token('mallory'));
    const path = `/v3/Lists/${textOf(list, 'sid')}/Context`;
    expect(await other.client.request({ method: 'GET', path })).toMatchObject({ status: 404 });
  });

  it('is the only list that a client may create', async () => {
    const body = { unique_name: 'mine' };
    const answer = await client.request({ method: 'POST', path: '/v3/Lists', body });
    expect(answer).toMatchObject({ status: 403, body: { code: 54007 } });
  });
});

describe('A command in the session list', () => {
  beforeEach(() => subscribe());

  it("changes the client's own profile", async () => {
    const attributes = JSON.stringify({ mood: 'fine' });
    const username = 'alice';
    expect(await execute({ action: 'editUserFriendlyName', username, friendlyName: 'Al' })).toBe(
      200,
    );
    expect(await execute({ action: 'editUserAttributes', username, attributes })).toBe(200);
    const { body } = await program.get(service.pathOf('alice'));
    expect(body).toMatchObject({ friendly_name: 'Al', attributes });
  });

  it.each([
    [
      'of another User',
      { action: 'editUserFriendlyName', username: 'bob', friendlyName: 'B' },
      403,
    ],
    [
      'with invalid values',
      { action: 'editUserAttributes', username: 'alice', attributes: '{' },
      400,
    ],
    ['about channels', { action: 'createChannel', uniqueName: 'general' }, 501],
  ])('%s fails in its outcome', async (_, request, status) => {
    expect(await execute(request)).toBe(status);
  });

  it('without an action is refused', async () => {
    const path = `/v3/Lists/${textOf(list, 'sid')}/Items`;
    const answer = await client.request({ method: 'POST', path, body: { data: { request: {} } } });
    expect(answer.status).toBe(400);
  });
});
