import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  answerWatch,
  at,
  BOB,
  CAROL,
  changeFrame,
  ClientWorld,
  userSnapshot,
} from '../../../../test/support/client-world.ts';
import type { StreamPeer } from '../../../../test/support/stream-server.ts';
import { until } from '../../../../test/support/until.ts';
import type { ChatClient } from '../chat-client.ts';
import { systemClock } from '../clock.ts';
import { WatchedUsers } from './watched-users.ts';

const bob = userSnapshot(BOB, 'bob', at(2), false);
const carol = userSnapshot(CAROL, 'carol', at(2), true);

describe('WatchedUsers', () => {
  let world: ClientWorld;
  let client: ChatClient;
  let peer: StreamPeer;
  let users: WatchedUsers;

  beforeEach(async () => {
    world = await ClientWorld.start();
    ({ client, peer } = await world.connect());
    users = new WatchedUsers();
  });
  afterEach(() => world.stop());

  function live(name: string): Promise<unknown> {
    return until(`${name} to be live`, () => users.presence(name).status === 'live' || undefined);
  }

  it('asks for everything that is watched in one tick with one request, each name once', async () => {
    users.use(client);
    users.watch(['bob', 'carol', 'bob'], () => undefined);
    users.watch(['bob'], () => undefined);
    const asked = await answerWatch(peer, [bob, carol]);
    expect(asked['users']).toEqual(['bob', 'carol']);
    await live('carol');
    expect(users.presence('bob')).toEqual({
      name: 'bob',
      sid: BOB,
      identity: 'bob',
      isOnline: false,
      isNotifiable: false,
      status: 'live',
      error: null,
    });
  });

  it('starts with what was watched before there was a client', async () => {
    users.watch(['bob'], () => undefined);
    expect(users.presence('bob').status).toBe('loading');
    users.use(client);
    await answerWatch(peer, [bob]);
    await live('bob');
  });

  it('calls a listener when one of its Users changes, and gives the same object when none does', async () => {
    users.use(client);
    const listener = jest.fn();
    users.watch(['bob'], listener);
    users.watch(['carol'], () => undefined);
    await answerWatch(peer, [bob, carol]);
    await live('carol');
    listener.mockClear();
    const before = users.presence('bob');
    peer.send(changeFrame(CAROL, at(3), false));
    await until(
      'carol to be offline',
      () => users.presence('carol').isOnline === false || undefined,
    );
    expect(listener).not.toHaveBeenCalled();
    expect(users.presence('bob')).toBe(before);
    peer.send(changeFrame(BOB, at(4), true));
    await until('bob to be online', () => users.presence('bob').isOnline === true || undefined);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('unsubscribes after the last one has gone, and not when another comes in the same task', async () => {
    users.use(client);
    const stopFirst = users.watch(['bob'], () => undefined);
    await answerWatch(peer, [bob]);
    await live('bob');
    stopFirst();
    const stopSecond = users.watch(['bob'], () => undefined);
    await Promise.resolve();
    expect(users.presence('bob').status).toBe('live');
    stopSecond();
    expect(await peer.expect('unwatch')).toMatchObject({ users: [BOB] });
    expect(users.presence('bob').status).toBe('loading');
    expect(client.getSubscribedUsers()).toEqual([client.user]);
  });

  it('leaves no subscription behind where a component goes before the answer comes', async () => {
    users.use(client);
    const stop = users.watch(['bob'], () => undefined);
    const asked = await peer.expect('watch');
    stop();
    await peer.expect('unwatch');
    peer.send({
      type: 'snapshot',
      id: asked['id'],
      users: [bob],
      unknown: [],
      version: at(2),
      done: true,
    });
    users.watch(['carol'], () => undefined);
    await answerWatch(peer, [carol]);
    await live('carol');
    expect(client.getSubscribedUsers().map(({ identity }) => identity)).toEqual(['alice', 'carol']);
  });

  it('shows a User that does not exist as missing, and as live as soon as it exists', async () => {
    users.use(client);
    users.watch(['bob'], () => undefined);
    await answerWatch(peer, [], { unknown: ['bob'] });
    await until('bob to be missing', () => users.presence('bob').status === 'missing' || undefined);
    peer.send(changeFrame(BOB, at(3), true, { identity: 'bob' }));
    await live('bob');
    peer.send({ type: 'gone', sid: BOB, version: at(4) });
    await until('bob to be missing', () => users.presence('bob').status === 'missing' || undefined);
    expect(users.presence('bob').isOnline).toBeNull();
  });

  it('shows why a User is refused, and asks again for the next component', async () => {
    users.use(client);
    users.watch(['bob'], () => undefined);
    const asked = await peer.expect('watch');
    const message = 'At most 0 Users';
    peer.send({
      type: 'error',
      id: asked['id'],
      code: 'too_many_watched',
      message,
      users: ['bob'],
    });
    await until('bob to fail', () => users.presence('bob').status === 'failed' || undefined);
    expect(users.presence('bob').error).toMatchObject({ code: 'too_many_watched' });
    users.watch(['bob'], () => undefined);
    await answerWatch(peer, [bob]);
    await live('bob');
    expect(users.presence('bob').error).toBeNull();
  });

  it('subscribes again where the application ends a subscription that a component needs', async () => {
    users.use(client);
    users.watch(['bob'], () => undefined);
    await answerWatch(peer, [bob]);
    await live('bob');
    (await client.getUser('bob')).unsubscribe();
    await peer.expect('unwatch');
    await answerWatch(peer, [userSnapshot(BOB, 'bob', at(3), true)], { version: at(3) });
    await until('bob to be online', () => users.presence('bob').isOnline === true || undefined);
  });

  it('never unsubscribes the own User', async () => {
    users.use(client);
    const stop = users.watch(['alice'], () => undefined);
    await live('alice');
    stop();
    await Promise.resolve();
    expect(client.user.isSubscribed).toBe(true);
  });

  it('asks again by itself where the server could not answer', async () => {
    let retry = (): void => undefined;
    users = new WatchedUsers({
      ...systemClock,
      after: (_, run) => {
        retry = run;
        return () => undefined;
      },
    });
    users.use(client);
    users.watch(['bob'], () => undefined);
    const { id } = await peer.expect('watch');
    peer.send({ type: 'error', id, code: 'unavailable', message: 'Later', users: ['bob'] });
    await until('bob to fail', () => users.presence('bob').status === 'failed' || undefined);
    retry();
    await answerWatch(peer, [bob]);
    await live('bob');
  });

  it('forgets what it knew when there is no client any more, and follows the next one', async () => {
    users.use(client);
    users.watch(['bob'], () => undefined);
    await answerWatch(peer, [bob]);
    await live('bob');
    users.use(null);
    expect(users.presence('bob')).toMatchObject({ status: 'loading', isOnline: null, sid: null });
    const next = await world.connect();
    users.use(next.client);
    await answerWatch(next.peer, [userSnapshot(BOB, 'bob', at(5), true)]);
    await until('bob to be online', () => users.presence('bob').isOnline === true || undefined);
  });
});
