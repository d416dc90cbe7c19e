import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { UserCommand } from '#domain';
import {
  create,
  rename,
  SERVICE_SID,
  streamOf,
} from '../../../../../test/support/user-commands.ts';
import {
  ALL_WEBHOOKS,
  WebhookEnqueuerWorld,
} from '../../../../../test/support/webhook-enqueuer.ts';

let world: WebhookEnqueuerWorld;

beforeEach(() => {
  world = new WebhookEnqueuerWorld();
});
afterEach(() => world.dispose());

/** The same write, with Twilio's header that asks for its webhook. */
function asking(command: UserCommand): UserCommand {
  if (command.type !== 'CreateUser' && command.type !== 'UpdateUser') return command;
  return { ...command, webhookEnabled: true };
}

const OF_CLIENT = 'identity:ann';

describe('The webhook enqueuer', () => {
  it('queues a webhook for each change of reachability, with the state as of its event', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.user('ann', rename('Ann'));
    await world.open('ann', 'CN2');
    await world.close('ann', 'CN1');
    await world.close('ann', 'CN2');
    await world.catchUp();
    expect(
      await world.queuedParameters('EventType', 'IsOnline', 'IsNotifiable', 'FriendlyName'),
    ).toEqual([
      ['onUserUpdated', 'true', 'false', undefined],
      ['onUserUpdated', 'false', 'false', 'Ann'],
    ]);
  });

  it('queues webhooks for REST writes that request them, and for all writes of clients', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.user('quiet', create('quiet'));
    await world.user('quiet', rename('Quiet'));
    await world.user('loud', asking(create('loud')));
    await world.user('loud', asking(rename('Loud')));
    await world.user('ann', create('ann'), OF_CLIENT);
    await world.user('ann', rename('Ann'), OF_CLIENT);
    await world.catchUp();
    expect(await world.queuedParameters('EventType', 'Identity')).toEqual([
      ['onUserAdded', 'loud'],
      ['onUserUpdated', 'loud'],
      ['onUserAdded', 'ann'],
      ['onUserUpdated', 'ann'],
    ]);
  });

  it('queues no webhook when a Service is toggled, but one for the first connect after it', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.toggle(false);
    await world.toggle(true);
    await world.catchUp();
    expect(await world.queuedParameters('IsOnline')).toEqual([['true']]);
    await world.open('ann', 'CN2');
    await world.catchUp();
    expect(await world.queuedParameters('IsOnline')).toEqual([['true'], ['true']]);
  });

  it('queues no webhook while reachability is disabled', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.close('ann', 'CN1');
    await world.catchUp();
    expect(await world.queued()).toEqual([]);
  });

  it.each([
    ['no URL', { ...ALL_WEBHOOKS, postWebhookUrl: null }],
    ['no filters', { ...ALL_WEBHOOKS, webhookFilters: null }],
    ['filters that name other events', { ...ALL_WEBHOOKS, webhookFilters: ['onMessageSent'] }],
  ])('tells a Service nothing that has %s', async (_, settings) => {
    await world.begin();
    await world.service(settings);
    await world.user('ann', asking(create('ann')));
    await world.catchUp();
    expect(await world.queued()).toEqual([]);
  });

  it('queues no webhook for events before its start', async () => {
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.begin();
    await world.close('ann', 'CN1');
    await world.catchUp();
    expect(await world.queuedParameters('IsOnline')).toEqual([['false']]);
  });

  it('knows the state before an event even if the read model is far ahead', async () => {
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.begin();
    await world.open('ann', 'CN2');
    await world.close('ann', 'CN1');
    await world.close('ann', 'CN2');
    await world.open('ann', 'CN3');
    await world.readModel.catchUp();
    await world.catchUp();
    expect(await world.queuedParameters('IsOnline')).toEqual([['false'], ['true']]);
  });

  it('does not read the stream of a User again whose state is stored', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    await world.user('ann', create('ann'));
    await world.open('ann', 'CN1');
    await world.catchUp();
    await world.close('ann', 'CN1');
    const read = jest.spyOn(world.log, 'readStream');
    await world.catchUp();
    expect(await world.queuedParameters('IsOnline')).toEqual([['true'], ['false']]);
    expect(read.mock.calls.map(([stream]) => stream)).not.toContain(streamOf('ann'));
  });

  it('queues each delivery once, even with several workers', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    for (const identity of ['ann', 'bob', 'cid']) {
      await world.user(identity, create(identity));
      await world.open(identity, `CN ${identity}`);
    }
    await Promise.all([world.catchUp(), world.catchUp(), world.catchUp()]);
    expect(await world.queuedParameters('Identity')).toEqual([['ann'], ['bob'], ['cid']]);
  });

  it('derives the id of a delivery from its event, so it is the same in every worker', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.user('ann', asking(create('ann')));
    await world.catchUp();
    const [first] = await world.queued();
    await world.state.webhookEnqueuerStore.begin('forget everything', null);
    await world.catchUp();
    const [second] = await world.queued();
    expect(second?.sid).toMatch(/^WD[0-9a-f]{32}$/);
    expect([second?.sid, second?.idempotencyToken]).toEqual([first?.sid, first?.idempotencyToken]);
  });

  it('continues after an unreadable event, without the User of that event', async () => {
    await world.begin();
    await world.service(ALL_WEBHOOKS);
    await world.toggle(true);
    for (const identity of ['ann', 'bob']) await world.user(identity, create(identity));
    await world.log.append(streamOf('ann'), 0, [
      {
        id: 'strange',
        type: 'UserPromoted',
        schemaVersion: 1,
        data: { serviceSid: SERVICE_SID },
        metadata: { occurredAt: '', correlationId: '', causationId: '', actor: '' },
      },
    ]);
    await world.open('bob', 'CN1');
    await world.catchUp();
    expect(await world.queuedParameters('Identity')).toEqual([['bob']]);
    await world.open('bob', 'CN2');
    await world.close('bob', 'CN1');
    await world.close('bob', 'CN2');
    await world.catchUp();
    expect(await world.queuedParameters('Identity', 'IsOnline')).toEqual([
      ['bob', 'true'],
      ['bob', 'false'],
    ]);
  });
});
