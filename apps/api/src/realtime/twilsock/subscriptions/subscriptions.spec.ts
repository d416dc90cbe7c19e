import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { userSid } from '#domain';
import { EventStoreUnavailableError, type EpochStart } from '#event-store';
import { summarize, type UserProfile } from '#read-model';
import { statesAfter } from '../../../../../../test/support/manual-log.ts';
import { SERVICE, WatchedWorld } from '../../../../../../test/support/watched-world.ts';
import { WatchQuota } from '../../sessions/watch-quota.ts';
import { parseFrame, readPayload } from '../frame.ts';
import { EventIds } from './event-ids.ts';
import { conversationsMapSid, userMapSid } from '../map-sids.ts';
import { ProfileFeed } from './profile-feed.ts';
import { Profiles } from './profiles.ts';
import { SessionList, sessionListSid } from './session-list.ts';
import { Subscriptions, type SubscriptionContext } from './subscriptions.ts';
import { SyncNotifications } from './sync-notifications.ts';

const OTHER_SERVICE = `IS${'2'.repeat(32)}`;
const MOST = 3;
const MOST_OF_USER = 5;
const CORRELATION = 17;

interface SyncEvent {
  readonly id?: number;
  readonly map_sid?: string;
  readonly object_sid?: string;
  readonly item_key?: string;
  readonly item_data?: unknown;
  readonly last_event_id?: number;
  readonly context_data?: unknown;
  readonly error?: { readonly status: number };
}

/** A notification as a client reads it. */
interface Told {
  readonly type: string;
  readonly event: string;
  readonly correlation: unknown;
  readonly protocol: number;
  /** Whether the notification has one `event` instead of a list. */
  readonly isSingle: boolean;
  readonly events: readonly SyncEvent[];
}

function read(frame: Buffer): Told {
  const parsed = parseFrame(frame.subarray(frame.indexOf('TWILSOCK')));
  const payload = readPayload(parsed) as {
    event_type: string;
    correlation_id: unknown;
    event_protocol_version: number;
    events?: SyncEvent[];
    event?: SyncEvent;
  };
  const { events, event } = payload;
  return {
    type: String(parsed.header['message_type']),
    event: payload.event_type,
    correlation: payload.correlation_id,
    protocol: payload.event_protocol_version,
    isSingle: event !== undefined,
    events: events ?? (event === undefined ? [] : [event]),
  };
}

/** Data of reachability items, in order. */
const reachability = (told: readonly Told[]) =>
  told.flatMap(({ events }) =>
    events.filter((event) => event.item_key === 'reachability').map((event) => event.item_data),
  );

describe('Subscriptions', () => {
  let world: WatchedWorld;
  let context: SubscriptionContext;
  let told: Told[];
  let subscriptions: Subscriptions;
  /** Names of each look-up that was charged. */
  const lookups: number[] = [];

  beforeEach(async () => {
    world = await WatchedWorld.start();
    useEventIds(null);
    lookups.length = 0;
    told = [];
    subscriptions = subscriber(told);
  });
  afterEach(() => world.feed.stop());

  function useEventIds(epochStart: EpochStart | null): void {
    const eventIds = new EventIds({ epochStart });
    context = {
      publisher: world.hub,
      profiles: new Profiles({ profilesBySid }, world.progress, world.feed),
      profileFeed: new ProfileFeed(world.feed),
      notifications: new SyncNotifications(() => new Date(0), eventIds),
      eventIds,
      max: MOST,
      quota: new WatchQuota({ WATCHED_USERS_PER_USER: MOST_OF_USER }),
      lookups: { charge: (_: object, names?: number) => void lookups.push(names ?? 1) },
    };
  }

  /** Identities that the client may not watch. */
  const hidden = new Set<string>();
  const mayWatch = (identity: string) => !hidden.has(identity);
  afterEach(() => hidden.clear());

  const sid = (identity: string) => userSid(SERVICE, identity);
  const map = (identity: string) => userMapSid(sid(identity));

  function subscriber(into: Told[]): Subscriptions {
    const take = (frame: Buffer): void => void into.push(read(frame));
    const own = { serviceSid: SERVICE, userSid: sid('alice'), mayWatch };
    const outlet = { send: take, offer: (_: string, __: string, frame: Buffer) => take(frame) };
    const queue = { ...outlet, forget: () => undefined };
    const { eventIds, notifications } = context;
    const owner = { ...own, identity: 'alice' };
    const list = new SessionList(owner, eventIds, notifications, queue);
    return new Subscriptions(context, own, queue, list);
  }

  /** Reads Users from the log of the world, which is its read model, too. */
  async function profilesBySid(
    service: string,
    sids: readonly string[],
  ): Promise<readonly UserProfile[]> {
    const states = [...(await statesAfter(world.log.shown)).values()];
    return states.flatMap((state) =>
      state.kind === 'user' && state.serviceSid === service && sids.includes(state.sid)
        ? [summarize(state)]
        : [],
    );
  }

  const establish = (mapSid: string, lastEventId = 0): Promise<void> =>
    subscriptions.establish([{ objectSid: mapSid, lastEventId }], CORRELATION);

  /** Forgets the notifications so far. */
  function fresh(): void {
    told.length = 0;
  }

  it('tell a change of a profile that was recorded after the profile was read', async () => {
    await world.create('bob');
    await world.showAll();
    const { profiles } = context;
    const readAll = profiles.of.bind(profiles);
    jest.spyOn(profiles, 'of').mockImplementation(async (service, sids) => {
      const found = await readAll(service, sids);
      await world.user('bob', { type: 'UpdateUser', changes: { friendlyName: 'Bob' } });
      await world.showAll();
      return found;
    });
    await establish(map('bob'));
    const names = told.flatMap(({ events }) =>
      events.filter((event) => event.item_key === 'friendlyName').map((event) => event.item_data),
    );
    expect(names.at(-1)).toEqual({ value: 'Bob' });
  });

  it('send one event a notification to a client of event protocol 3', async () => {
    await world.create('bob');
    await world.showAll();
    subscriptions.useProtocol(3);
    await subscriptions.establish(
      [
        { objectSid: map('bob'), lastEventId: 0 },
        { objectSid: 'MP-unknown', lastEventId: 0 },
      ],
      CORRELATION,
    );
    await world.connect('bob');
    await world.showAll();
    expect(told.map(({ event, events }) => [event, events[0]?.item_key])).toEqual([
      ['map_item_updated', 'attributes'],
      ['map_item_updated', 'friendlyName'],
      ['map_item_updated', 'reachability'],
      ['subscription_established', undefined],
      ['subscription_failed', undefined],
      ['map_item_updated', 'reachability'],
    ]);
    expect(told.every(({ protocol, isSingle }) => protocol === 3 && isSingle)).toBe(true);
  });

  it('are told the same by clients of both event protocols', async () => {
    await world.create('bob');
    await world.showAll();
    const older: Told[] = [];
    const other = subscriber(older);
    other.useProtocol(3);
    await other.establish([{ objectSid: map('bob'), lastEventId: 0 }], CORRELATION);
    await establish(map('bob'));
    await world.connect('bob');
    await world.showAll();
    expect(reachability(older)).toEqual(reachability(told));
    expect(older.at(-1)?.events).toEqual(told.at(-1)?.events);
    expect(told.every(({ protocol, isSingle }) => protocol === 4 && !isSingle)).toBe(true);
  });

  describe('to the session list of older SDKs', () => {
    const list = sessionListSid(userSid(SERVICE, 'alice'));
    const contexts = () =>
      told.flatMap(({ event, events }) =>
        event === 'list_context_updated' ? events.map(({ context_data }) => context_data) : [],
      );

    it('send the context, and then that it is established', async () => {
      subscriptions.useProtocol(3);
      await establish(list);
      expect(contexts()).toMatchObject([{ identity: 'alice', reachabilityEnabled: true }]);
      expect(told.at(-1)).toMatchObject({
        event: 'subscription_established',
        events: [{ object_sid: list, object_type: 'list', replay_status: 'completed' }],
      });
    });

    it('follow the flag of the Service until they are canceled', async () => {
      await establish(list);
      fresh();
      await world.setEnabled(false);
      await world.showAll();
      expect(contexts()).toMatchObject([{ reachabilityEnabled: false }]);
      subscriptions.cancel([list], CORRELATION);
      fresh();
      await world.setEnabled(true);
      await world.showAll();
      expect(contexts()).toEqual([]);
    });

    it('refuse the list of another User', async () => {
      await establish(sessionListSid(userSid(SERVICE, 'bob')));
      expect(told).toMatchObject([
        { event: 'subscription_failed', events: [{ error: { status: 404 } }] },
      ]);
    });
  });

  it('send what is new, and then that they are established', async () => {
    await world.create('bob');
    await world.connect('bob');
    await world.showAll();
    await establish(map('bob'));
    expect(told.map(({ type, event }) => [type, event])).toEqual([
      ['twilio.sync.event', 'map_item_updated'],
      ['twilio.sync.event', 'subscription_established'],
    ]);
    expect(told[0]?.events.map(({ item_key }) => item_key).sort()).toEqual([
      'attributes',
      'friendlyName',
      'reachability',
    ]);
    expect(reachability(told)).toEqual([{ online: true, notifiable: false }]);
    const ids = told[0]?.events.map(({ id }) => id ?? 0) ?? [];
    expect(told[1]).toMatchObject({
      correlation: CORRELATION,
      events: [{ object_sid: map('bob'), last_event_id: Math.max(...ids) }],
    });
  });

  it('send nothing that the client knows already', async () => {
    await world.create('bob');
    await world.connect('bob');
    await world.showAll();
    await establish(map('bob'));
    const known = told[1]?.events[0]?.last_event_id ?? 0;
    fresh();
    await establish(map('bob'), known);
    expect(told.map(({ event }) => event)).toEqual(['subscription_established']);
  });

  it('send everything once more in a new epoch, also to a client that knows later positions', async () => {
    await world.create('bob');
    await world.connect('bob');
    await world.showAll();
    const known = 1_000_000;
    await establish(map('bob'), known);
    expect(told.flatMap(({ events }) => events.map(({ item_key }) => item_key))).toEqual([
      undefined,
    ]);
    fresh();

    useEventIds({ time: Date.now(), position: await world.log.head() });
    subscriptions.release();
    subscriptions = subscriber(told);
    await establish(map('bob'), known);
    expect(reachability(told)).toEqual([{ online: true, notifiable: false }]);
    const established = told.at(-1)?.events[0]?.last_event_id ?? 0;
    fresh();
    subscriptions.release();
    subscriptions = subscriber(told);
    await establish(map('bob'), established);
    expect(told.map(({ event }) => event)).toEqual(['subscription_established']);
    fresh();
    await world.disconnect('bob');
    await world.showAll();
    expect(reachability(told)).toEqual([{ online: false, notifiable: false }]);
    expect(told[0]?.events[0]?.id).toBeGreaterThan(established);
  });

  it('send each change once, with increasing ids, the same to every client', async () => {
    await world.create('bob');
    await world.showAll();
    const others: Told[] = [];
    const other = subscriber(others);
    await establish(map('bob'));
    await other.establish([{ objectSid: map('bob'), lastEventId: 0 }], 2);
    fresh();
    others.length = 0;
    await world.connect('bob');
    await world.bind('bob');
    await world.disconnect('bob');
    await world.showAll();
    expect(told.map(({ type }) => type)).toEqual(Array(3).fill('com.twilio.rtd.cds.map'));
    expect(reachability(told)).toEqual([
      { online: true, notifiable: false },
      { online: true, notifiable: true },
      { online: false, notifiable: true },
    ]);
    const ids = told.map(({ events }) => events[0]?.id ?? 0);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(others).toEqual(told);
  });

  it('send names and attributes, too', async () => {
    await world.create('bob');
    await world.showAll();
    await establish(map('bob'));
    fresh();
    const changes = { friendlyName: 'Bob', attributes: '{"a":1}' };
    await world.user('bob', { type: 'UpdateUser', changes });
    await world.showAll();
    expect(told).toHaveLength(1);
    expect(told[0]?.events.map(({ item_key, item_data }) => [item_key, item_data])).toEqual([
      ['attributes', { value: '{"a":1}' }],
      ['friendlyName', { value: 'Bob' }],
    ]);
  });

  it('send null for each User with an answer when the Service is disabled, and nothing more', async () => {
    for (const identity of ['bob', 'carol']) await world.create(identity);
    await world.connect('bob');
    await world.showAll();
    await establish(map('bob'));
    await establish(map('carol'));
    fresh();
    await world.setEnabled(false);
    await world.disconnect('bob');
    await world.showAll();
    expect(told.map(({ events }) => events.map(({ map_sid }) => map_sid))).toEqual([[map('bob')]]);
    expect(reachability(told)).toEqual([{ online: null, notifiable: null }]);
    fresh();
    await world.setEnabled(true);
    await world.showAll();
    expect(told).toEqual([]);
    await world.connect('bob');
    await world.showAll();
    expect(reachability(told)).toEqual([{ online: true, notifiable: false }]);
  });

  it('send null for a deleted User, and continue when it is created again', async () => {
    await world.create('bob');
    await world.connect('bob');
    await world.showAll();
    await establish(map('bob'));
    fresh();
    await world.delete('bob');
    await world.showAll();
    expect(reachability(told).at(-1)).toEqual({ online: null, notifiable: null });
    fresh();
    await world.connect('bob');
    await world.showAll();
    expect(reachability(told).at(-1)).toEqual({ online: true, notifiable: false });
  });

  it('end for a deleted User when the client subscribes to it again', async () => {
    await world.create('bob');
    await world.showAll();
    await establish(map('bob'));
    await world.delete('bob');
    await world.showAll();
    fresh();
    await establish(map('bob'), 1);
    expect(told.at(-1)).toMatchObject({ event: 'subscription_failed' });
    fresh();
    await world.connect('bob');
    await world.showAll();
    expect(told).toEqual([]);
  });

  it('fail for an unknown User, after null was sent to a client that knew it online', async () => {
    await establish(map('nobody'), 5);
    expect(reachability(told)).toEqual([{ online: null, notifiable: null }]);
    expect(told[0]?.events[0]?.id).toBe(6);
    expect(told[1]).toMatchObject({
      event: 'subscription_failed',
      events: [{ error: { status: 404 } }],
    });
    fresh();
    await world.create('nobody');
    await world.connect('nobody');
    await world.showAll();
    expect(told).toEqual([]);
  });

  it('fail for Users of another Service and for invalid sids as for unknown Users', async () => {
    await world.createService(OTHER_SERVICE);
    await world.create('bob', OTHER_SERVICE);
    await world.showAll();
    for (const mapSid of [userMapSid(userSid(OTHER_SERVICE, 'bob')), map('nobody'), 'MPx', '']) {
      fresh();
      await establish(mapSid);
      expect(told).toMatchObject([
        { event: 'subscription_failed', events: [{ object_sid: mapSid, error: { status: 404 } }] },
      ]);
    }
  });

  it('are established for the client’s own conversations, and send nothing', async () => {
    await establish(conversationsMapSid(sid('alice')));
    expect(told.map(({ event }) => event)).toEqual(['subscription_established']);
    fresh();
    await establish(conversationsMapSid(sid('bob')));
    expect(told.map(({ event }) => event)).toEqual(['subscription_failed']);
  });

  it('send nothing once they are canceled', async () => {
    await world.create('bob');
    await world.showAll();
    await establish(map('bob'));
    subscriptions.cancel([map('bob')], 3);
    expect(told.at(-1)).toMatchObject({ event: 'subscription_canceled', correlation: 3 });
    fresh();
    await world.connect('bob');
    await world.user('bob', { type: 'UpdateUser', changes: { friendlyName: 'Bob' } });
    await world.setEnabled(false);
    await world.showAll();
    expect(told).toEqual([]);
  });

  it('are limited to the maximum for a client', async () => {
    const identities = ['u1', 'u2', 'u3', 'u4'];
    for (const identity of identities) await world.create(identity);
    await world.showAll();
    const requests = identities.map((identity) => ({ objectSid: map(identity), lastEventId: 0 }));
    await subscriptions.establish(requests, CORRELATION);
    expect(told.at(-1)).toMatchObject({
      event: 'subscription_failed',
      events: [{ object_sid: map('u4'), error: { status: 429 } }],
    });
    subscriptions.cancel([map('u1')], 2);
    fresh();
    await establish(map('u4'));
    expect(told.at(-1)).toMatchObject({ event: 'subscription_established' });
  });

  it('are limited over all clients of a User, until one of them leaves', async () => {
    const identities = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
    for (const identity of identities) await world.create(identity);
    await world.showAll();
    const requestFor = (names: readonly string[]) =>
      names.map((identity) => ({ objectSid: map(identity), lastEventId: 0 }));
    const other = subscriber(told);
    await subscriptions.establish(requestFor(['u1', 'u2', 'u3', 'nobody']), CORRELATION);
    await other.establish(requestFor(['u4', 'u5', 'u6']), CORRELATION);
    expect(told.at(-1)).toMatchObject({
      event: 'subscription_failed',
      events: [{ object_sid: map('u6'), error: { status: 429 } }],
    });
    subscriptions.cancel([map('u1')], 2);
    await other.establish(requestFor(['u6']), CORRELATION);
    expect(told.at(-1)).toMatchObject({ event: 'subscription_established' });
    subscriptions.release();
    expect(context.quota.roomOf({ userSid: sid('alice') })).toBe(2);
    other.release();
    expect(context.quota.roomOf({ userSid: sid('alice') })).toBe(MOST_OF_USER);
  });

  it('look up each name that is new to the client, also if it does not exist', async () => {
    await world.create('bob');
    await world.showAll();
    const requests = ['bob', 'nobody'].map((name) => ({ objectSid: map(name), lastEventId: 0 }));
    await subscriptions.establish(requests, CORRELATION);
    await subscriptions.establish(requests, CORRELATION);
    expect(lookups).toEqual([2, 1]);
  });

  it('fail and leave nothing behind when the read model is behind', async () => {
    await world.create('bob');
    await world.showLog();
    await expect(establish(map('bob'))).rejects.toBeInstanceOf(EventStoreUnavailableError);
    await world.connect('bob');
    await world.showAll();
    expect(told).toEqual([]);
  });

  it('send nothing if they were released while they were established', async () => {
    await world.create('bob');
    await world.showAll();
    const establishing = establish(map('bob'));
    subscriptions.release();
    await establishing;
    await world.connect('bob');
    await world.showAll();
    expect(told).toEqual([]);
  });

  describe('of a client that may not watch every User', () => {
    beforeEach(async () => {
      await world.create('bob');
      await world.connect('bob');
      await world.showAll();
    });
    const changeProfile = (friendlyName: string) =>
      world.user('bob', { type: 'UpdateUser', changes: { friendlyName } });
    const answers = (): readonly unknown[] => told.map(({ event, events }) => [event, events]);

    it('fail for a hidden User as for one that does not exist', async () => {
      hidden.add('bob');
      await establish(map('bob'), 5);
      const ofHidden = JSON.stringify(answers()).replaceAll(map('bob'), map('nobody'));
      fresh();
      await establish(map('nobody'), 5);
      const dated = /"date_created":"[^"]+"/g;
      expect(ofHidden.replaceAll(dated, '')).toBe(JSON.stringify(answers()).replaceAll(dated, ''));
      fresh();
      await world.disconnect('bob');
      await changeProfile('Bob');
      await world.showAll();
      expect(told).toEqual([]);
    });

    it('send null for a User that becomes hidden, then nothing, whatever happens to it', async () => {
      await establish(map('bob'));
      fresh();
      hidden.add('bob');
      await subscriptions.accessChanged();
      expect(reachability(told)).toEqual([{ online: null, notifiable: null }]);
      fresh();
      await subscriptions.accessChanged();
      await world.bind('bob');
      await changeProfile('Bob');
      await world.setEnabled(false);
      await world.setEnabled(true);
      await world.delete('bob');
      await world.user('bob', {
        type: 'CreateUser',
        serviceSid: SERVICE,
        identity: 'bob',
        friendlyName: 'B',
      });
      await world.showAll();
      expect(told).toEqual([]);
    });

    it('continue with everything for a User that is shown again, by newer events', async () => {
      await establish(map('bob'));
      fresh();
      hidden.add('bob');
      await subscriptions.accessChanged();
      const hiddenAt = told[0]?.events[0]?.id ?? 0;
      await changeProfile('Bob');
      await world.showAll();
      fresh();
      hidden.clear();
      await subscriptions.accessChanged();
      const events = told.flatMap((one) => one.events);
      expect(events.map(({ item_key: key }) => key).sort()).toEqual([
        'attributes',
        'friendlyName',
        'reachability',
      ]);
      expect(reachability(told)).toEqual([{ online: true, notifiable: false }]);
      for (const { id } of events) expect(id).toBeGreaterThan(hiddenAt);
      fresh();
      await world.disconnect('bob');
      await world.showAll();
      expect(reachability(told)).toEqual([{ online: false, notifiable: false }]);
    });

    it('leave what others are told of the same change alone', async () => {
      const others: Told[] = [];
      const other = subscriber(others);
      await establish(map('bob'));
      await other.establish([{ objectSid: map('bob'), lastEventId: 0 }], CORRELATION);
      others.length = 0;
      hidden.add('bob');
      await subscriptions.accessChanged();
      hidden.clear();
      await world.disconnect('bob');
      await world.showAll();
      expect(reachability(others)).toEqual([{ online: false, notifiable: false }]);
    });
  });
});
