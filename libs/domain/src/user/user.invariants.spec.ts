import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../errors.ts';
import { MAX_BINDINGS_PER_USER, type UserCommand } from './decide-user.ts';
import type { UserEvent } from './user-events.ts';
import type { UserState } from './user-state.ts';
import { userDecider } from './user.ts';

const serviceSid = `IS${'1'.repeat(32)}`;
const at = '2026-03-04T05:06:07.000Z';
const later = '2026-03-04T05:06:08.000Z';
const connectionSid = fc.constantFrom('CN1', 'CN2', 'CN3', '__proto__');
const bindingSid = fc.constantFrom('BS1', 'BS2', 'constructor');
const newUser = { serviceSid, identity: 'alice' };

const command = fc.oneof(
  fc.constant<UserCommand>({ type: 'CreateUser', ...newUser }),
  fc.constant<UserCommand>({ type: 'DeleteUser', at }),
  fc
    .constantFrom('Alice', 'Bob', null)
    .map((friendlyName): UserCommand => ({ type: 'UpdateUser', changes: { friendlyName } })),
  fc
    .record({ connectionSid, vouched: fc.boolean() })
    .map(({ connectionSid, vouched }): UserCommand => ({
      type: 'OpenConnection',
      connectionSid,
      transport: 'http',
      node: null,
      deviceId: null,
      ttlSeconds: 300,
      ...(vouched ? { createAs: newUser } : {}),
    })),
  connectionSid.map((connectionSid): UserCommand => ({
    type: 'CloseConnection',
    connectionSid,
    cause: 'clean',
    lastSeenAt: at,
  })),
  fc
    .record({ bindingSid, endpoint: fc.constantFrom('phone', 'tablet') })
    .map(({ bindingSid, endpoint }): UserCommand => ({
      type: 'RegisterBinding',
      bindingSid,
      bindingType: 'fcm',
      address: 'token',
      endpoint,
    })),
  bindingSid.map((bindingSid): UserCommand => ({ type: 'RemoveBinding', bindingSid })),
  fc.constantFrom(at, later).map((time): UserCommand => ({ type: 'RevokeTokens', at: time })),
);

/** Events of a command; none if the domain rejects it. */
function outcome(command: UserCommand, state: UserState): readonly UserEvent[] {
  try {
    return userDecider.decide(command, state);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

const follow = (state: UserState, events: readonly UserEvent[]): UserState =>
  events.reduce(userDecider.evolve, state);

const stateAfter = (commands: readonly UserCommand[]): UserState =>
  commands.reduce((state, next) => follow(state, outcome(next, state)), userDecider.initialState);

describe('After any sequence of commands', () => {
  it('a command sent twice in a row changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(command), command, (before, repeated) => {
        expect(outcome(repeated, stateAfter([...before, repeated]))).toEqual([]);
      }),
    );
  });

  it('every Connection and every Binding is listed once', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const state = stateAfter(commands);
        if (state.status === 'absent') return;
        for (const list of [state.connections, state.bindings]) {
          const sids = list.map(({ sid }) => sid);
          expect(new Set(sids).size).toBe(sids.length);
        }
      }),
    );
  });

  it('a User has at most 50 Bindings', () => {
    const bind = fc.record({
      type: fc.constant('RegisterBinding' as const),
      bindingSid: fc.integer({ min: 1, max: 120 }).map((number) => `BS${number}`),
      bindingType: fc.constant('fcm' as const),
      address: fc.constant('a'),
      endpoint: fc.constantFrom('phone', 'tablet', 'laptop'),
    });
    fc.assert(
      fc.property(fc.array(bind, { minLength: 50, maxLength: 200 }), (commands) => {
        const state = stateAfter([{ type: 'CreateUser', ...newUser }, ...commands]);
        if (state.status === 'absent') throw new Error('The User was created');
        expect(state.bindings.length).toBeLessThanOrEqual(MAX_BINDINGS_PER_USER);
        expect(state.bindings.map(({ sid }) => sid)).toContain(commands.at(-1)?.bindingSid);
      }),
    );
  });

  it('deleting the User ends each Connection and Binding once and leaves none', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const state = stateAfter([{ type: 'CreateUser', ...newUser }, ...commands]);
        const events = outcome({ type: 'DeleteUser', at }, state);
        const there =
          state.status === 'absent' ? [] : [...state.connections, ...state.bindings, 'the User'];
        expect(events).toHaveLength(there.length);
        expect(follow(state, events)).toMatchObject(userDecider.initialState);
      }),
    );
  });

  it('the state survives JSON, as snapshots store it', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const state = stateAfter(commands);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    );
  });
});
