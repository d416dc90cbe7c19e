import { describe, expect, it } from '@jest/globals';
import { given, stateAfter } from '../../../../test/support/given.ts';
import { userSid } from '../sids.ts';
import { MAX_BINDINGS_PER_USER, type UserCommand } from './decide-user.ts';
import type { CloseCause, UserEvent, UserEventData } from './user-events.ts';
import { userDecider } from './user.ts';

const serviceSid = `IS${'1'.repeat(32)}`;
const identity = 'alice';
const ids = { serviceSid, userSid: userSid(serviceSid, identity) };
const at = '2026-03-04T05:06:07.000Z';
const node = { nodeId: 'node-a', incarnation: 1 };
const phone = { bindingType: 'fcm', address: 'token-1', endpoint: 'phone' } as const;

const birth = { ...ids, identity, friendlyName: null, attributes: '{}', roleSid: null };
const created: UserEvent = { type: 'UserCreated', data: birth };
const deleted: UserEvent = { type: 'UserDeleted', data: { ...ids, revokedAt: at } };
const updated = (changes: UserEventData<'UserUpdated'>['changes']): UserEvent => ({
  type: 'UserUpdated',
  data: { ...ids, changes },
});
const socket = { transport: 'stream', node, deviceId: null, ttlSeconds: null } as const;
const opened = (connectionSid: string): UserEvent => ({
  type: 'ConnectionOpened',
  data: { ...ids, connectionSid, ...socket },
});
const closed = (connectionSid: string, cause: CloseCause): UserEvent => ({
  type: 'ConnectionClosed',
  data: { ...ids, connectionSid, cause, lastSeenAt: at },
});
const bound = (bindingSid: string, binding: object = {}): UserEvent => ({
  type: 'BindingRegistered',
  data: { ...ids, bindingSid, ...phone, ...binding },
});
const unbound = (bindingSid: string): UserEvent => ({
  type: 'BindingRemoved',
  data: { ...ids, bindingSid },
});

const create = { type: 'CreateUser', serviceSid, identity } as const;
const open = (connectionSid: string) =>
  ({ type: 'OpenConnection', connectionSid, ...socket }) as const;
const close = (connectionSid: string, cause: CloseCause = 'clean'): UserCommand => ({
  type: 'CloseConnection',
  connectionSid,
  cause,
  lastSeenAt: at,
});
const bind = (bindingSid: string, binding: object = {}): UserCommand => ({
  type: 'RegisterBinding',
  bindingSid,
  ...phone,
  ...binding,
});

describe('A User', () => {
  it('is created with the sid derived from its identity', () => {
    given(userDecider, []).when(create).then([created]);
  });

  it('is created with a profile', () => {
    const profile = { friendlyName: 'Alice', attributes: '{"a":1}', roleSid: 'RL1' };
    given(userDecider, [])
      .when({ ...create, ...profile })
      .then([{ type: 'UserCreated', data: { ...ids, identity, ...profile } }]);
  });

  it('is not created twice', () => {
    given(userDecider, [created]).when(create).thenRefused('USER.ALREADY_EXISTS');
  });

  it('is not created with an invalid identity', () => {
    given(userDecider, [])
      .when({ ...create, identity: '' })
      .thenRefused('IDENTITY.EMPTY');
  });

  describe.each([
    ['that never was', []],
    ['that was deleted', [created, deleted]],
  ])('%s', (_, history) => {
    it.each<UserCommand>([
      { type: 'UpdateUser', changes: { friendlyName: 'Alice' } },
      { type: 'DeleteUser', at },
      open('CN1'),
      close('CN1'),
      bind('BS1'),
      { type: 'RemoveBinding', bindingSid: 'BS1' },
      { type: 'RevokeTokens', at },
    ])('refuses $type', (command) => {
      given(userDecider, history).when(command).thenRefused('USER.NOT_FOUND');
    });
  });
});

describe('An update of a User', () => {
  it('records only what it changes', () => {
    given(userDecider, [created])
      .when({ type: 'UpdateUser', changes: { friendlyName: 'Alice', attributes: '{}' } })
      .then([updated({ friendlyName: 'Alice' })]);
  });

  it('may set a value back to null', () => {
    given(userDecider, [created, updated({ friendlyName: 'Alice' })])
      .when({ type: 'UpdateUser', changes: { friendlyName: null } })
      .then([updated({ friendlyName: null })]);
  });

  it('that changes nothing yields no event', () => {
    given(userDecider, [created, updated({ roleSid: 'RL1' })])
      .when({ type: 'UpdateUser', changes: { friendlyName: null, roleSid: 'RL1' } })
      .then([]);
  });
});

describe('A write that asks for its webhook', () => {
  it('says so in its event', () => {
    given(userDecider, [])
      .when({ ...create, webhookEnabled: true })
      .then([{ type: 'UserCreated', data: { ...birth, webhookEnabled: true } }]);
    const changes = { friendlyName: 'Alice' };
    given(userDecider, [created])
      .when({ type: 'UpdateUser', changes, webhookEnabled: true })
      .then([{ type: 'UserUpdated', data: { ...ids, changes, webhookEnabled: true } }]);
  });

  it('leaves the event unmarked unless asked', () => {
    given(userDecider, [])
      .when({ ...create, webhookEnabled: false })
      .then([created]);
  });
});

describe('A Connection', () => {
  it('opens', () => {
    given(userDecider, [created])
      .when(open('CN1'))
      .then([opened('CN1')]);
  });

  it('opens over HTTP with a TTL and a device, without a node', () => {
    const overHttp = { transport: 'http', node: null, deviceId: 'desk', ttlSeconds: 300 } as const;
    given(userDecider, [created])
      .when({ type: 'OpenConnection', connectionSid: 'CN1', ...overHttp })
      .then([{ type: 'ConnectionOpened', data: { ...ids, connectionSid: 'CN1', ...overHttp } }]);
  });

  it('opens beside others of the same User', () => {
    given(userDecider, [created, opened('CN1')])
      .when(open('CN2'))
      .then([opened('CN2')]);
  });

  it('does not open twice', () => {
    given(userDecider, [created, opened('CN1')])
      .when(open('CN1'))
      .thenRefused('CONNECTION.ALREADY_EXISTS');
  });

  it('creates an unknown User whose identity a token proves', () => {
    given(userDecider, [])
      .when({ ...open('CN1'), createAs: { serviceSid, identity } })
      .then([created, opened('CN1')]);
  });

  it('creates a deleted User again when a token proves its identity', () => {
    given(userDecider, [created, opened('CN1'), deleted])
      .when({ ...open('CN1'), createAs: { serviceSid, identity } })
      .then([created, opened('CN1')]);
  });

  it('does not create a User that exists', () => {
    given(userDecider, [created])
      .when({ ...open('CN1'), createAs: { serviceSid, identity } })
      .then([opened('CN1')]);
  });

  it.each([
    ['of a User that is not there', []],
    ['of a User that is there', [created]],
  ])('does not open for an identity that the rules refuse, on the stream %s', (_, history) => {
    given(userDecider, history)
      .when({ ...open('CN1'), createAs: { serviceSid, identity: 'a\u0000' } })
      .thenRefused('IDENTITY.INVALID_CHARACTER');
  });

  it.each<CloseCause>(['clean', 'abrupt', 'timeout', 'expired', 'node_lost', 'admin'])(
    'closes with the cause %s',
    (cause) => {
      given(userDecider, [created, opened('CN1')])
        .when(close('CN1', cause))
        .then([closed('CN1', cause)]);
    },
  );

  it('closes once', () => {
    given(userDecider, [created, opened('CN1'), closed('CN1', 'clean')])
      .when(close('CN1', 'timeout'))
      .thenRefused('CONNECTION.NOT_FOUND');
  });

  it.each(['CN2', '__proto__', 'constructor', 'toString'])(
    'called %s is not there to be closed when it never opened',
    (connectionSid) => {
      given(userDecider, [created, opened('CN1')])
        .when(close(connectionSid))
        .thenRefused('CONNECTION.NOT_FOUND');
    },
  );

  it.each(['__proto__', 'constructor'])('may have the sid %s', (connectionSid) => {
    given(userDecider, [created])
      .when(open(connectionSid))
      .then([opened(connectionSid)]);
    given(userDecider, [created, opened(connectionSid)])
      .when(close(connectionSid))
      .then([closed(connectionSid, 'clean')]);
  });
});

describe('A Binding', () => {
  it('is registered', () => {
    given(userDecider, [created])
      .when(bind('BS1'))
      .then([bound('BS1')]);
  });

  it('is not registered twice unchanged', () => {
    given(userDecider, [created, bound('BS1')])
      .when(bind('BS1'))
      .then([]);
  });

  it('is replaced when registered again with another endpoint', () => {
    const tablet = { endpoint: 'tablet' };
    given(userDecider, [created, bound('BS1')])
      .when(bind('BS1', tablet))
      .then([bound('BS1', tablet)]);
    expect(stateAfter(userDecider, [created, bound('BS1'), bound('BS1', tablet)])).toMatchObject({
      bindings: [{ sid: 'BS1', ...phone, ...tablet }],
    });
  });

  it('is removed', () => {
    given(userDecider, [created, bound('BS1')])
      .when({ type: 'RemoveBinding', bindingSid: 'BS1' })
      .then([unbound('BS1')]);
  });

  it('is removed once', () => {
    given(userDecider, [created, bound('BS1'), unbound('BS1')])
      .when({ type: 'RemoveBinding', bindingSid: 'BS1' })
      .thenRefused('BINDING.NOT_FOUND');
  });

  it.each(['BS2', '__proto__', 'constructor'])(
    'called %s is not there to be removed when it never was registered',
    (bindingSid) => {
      given(userDecider, [created, bound('BS1')])
        .when({ type: 'RemoveBinding', bindingSid })
        .thenRefused('BINDING.NOT_FOUND');
    },
  );

  it('can be registered again after its removal', () => {
    given(userDecider, [created, bound('BS1'), unbound('BS1')])
      .when(bind('BS1'))
      .then([bound('BS1')]);
  });
});

describe('A Binding of a User that has 50', () => {
  /** Bindings of as many devices, oldest first, but of these devices where it says so. */
  const full = (devices: Readonly<Record<number, string>> = {}, count = MAX_BINDINGS_PER_USER) => [
    created,
    ...Array.from({ length: count }, (_, index) =>
      bound(`BS${index}`, { endpoint: devices[index] ?? `device-${index}` }),
    ),
  ];

  it('is the 50th and replaces none', () => {
    given(userDecider, full({}, 49))
      .when(bind('BSnew'))
      .then([bound('BSnew')]);
  });

  it('replaces the oldest of the same Endpoint', () => {
    given(userDecider, full({ 7: 'phone', 9: 'phone' }))
      .when(bind('BSnew'))
      .then([unbound('BS7'), bound('BSnew')]);
  });

  it('replaces the oldest of all where its Endpoint has none', () => {
    given(userDecider, full())
      .when(bind('BSnew'))
      .then([unbound('BS0'), bound('BSnew')]);
  });

  it('replaces none when it is one of them and only its Endpoint changes', () => {
    given(userDecider, full())
      .when(bind('BS3'))
      .then([bound('BS3')]);
  });

  it('replaces all beyond the maximum of a User that has more from an older program', () => {
    given(userDecider, full({ 40: 'phone' }, 52))
      .when(bind('BSnew'))
      .then([unbound('BS40'), unbound('BS0'), unbound('BS1'), bound('BSnew')]);
  });
});

describe('Deleting a User', () => {
  const remove = { type: 'DeleteUser', at } as const;

  it('with nothing open is one event', () => {
    given(userDecider, [created]).when(remove).then([deleted]);
  });

  it('closes its Connections as admin and removes its Bindings in the same append', () => {
    given(userDecider, [created, opened('CN1'), bound('BS1'), opened('CN2'), bound('BS2')])
      .when(remove)
      .then([
        closed('CN1', 'admin'),
        closed('CN2', 'admin'),
        unbound('BS1'),
        unbound('BS2'),
        deleted,
      ]);
  });

  it('ignores Connections and Bindings that have already ended', () => {
    given(userDecider, [
      created,
      opened('CN1'),
      bound('BS1'),
      closed('CN1', 'clean'),
      unbound('BS1'),
    ])
      .when(remove)
      .then([deleted]);
  });

  it('allows to create it again', () => {
    given(userDecider, [created, deleted]).when(create).then([created]);
  });

  it('leaves nothing behind for a User created again', () => {
    const before = [created, updated({ friendlyName: 'Alice' }), opened('CN1'), bound('BS1')];
    const made = stateAfter(userDecider, [...before, deleted, created]);
    expect(made).toEqual({ ...stateAfter(userDecider, [created]), tokensRevokedAt: at });
  });

  it('ignores late closes and removals', () => {
    const state = stateAfter(userDecider, [
      created,
      deleted,
      closed('CN1', 'timeout'),
      unbound('B'),
    ]);
    expect(state).toEqual({ status: 'absent', tokensRevokedAt: at });
  });

  it('closes thousands of Connections', () => {
    const connections = Array.from({ length: 5_000 }, (_, index) => `CN${index}`);
    const state = [created, ...connections.map(opened)].reduce(
      userDecider.evolve,
      userDecider.initialState,
    );
    const events = userDecider.decide(remove, state);
    expect(events).toEqual([...connections.map((sid) => closed(sid, 'admin')), deleted]);
    const after = events.reduce(userDecider.evolve, state);
    expect(after).toEqual({ status: 'absent', tokensRevokedAt: at });
  });
});
