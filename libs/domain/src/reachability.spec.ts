import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reachabilityOf, type FlagInputs, type ReachabilityInputs } from './reachability.ts';

type Fact = 'enable' | 'disable' | 'connect' | 'disconnect' | 'bind' | 'unbind';

/** Folds a log into facts. Each event has the next position. */
function after(...log: readonly Fact[]): [ReachabilityInputs, FlagInputs] {
  let user: ReachabilityInputs = { lastConnectPosition: null, openConnections: 0, bindings: 0 };
  let service: FlagInputs = { enabled: false, flagPosition: null };
  log.forEach((fact, index) => {
    const position = String(index + 1).padStart(16, '0');
    const { openConnections, bindings } = user;
    switch (fact) {
      case 'enable':
      case 'disable':
        service = { enabled: fact === 'enable', flagPosition: position };
        break;
      case 'connect':
        user = { ...user, lastConnectPosition: position, openConnections: openConnections + 1 };
        break;
      case 'disconnect':
        user = { ...user, openConnections: openConnections - 1 };
        break;
      case 'bind':
        user = { ...user, bindings: bindings + 1 };
        break;
      case 'unbind':
        user = { ...user, bindings: bindings - 1 };
        break;
    }
  });
  return [user, service];
}

const DISABLED = { isOnline: null, isNotifiable: null, reasonCode: 'disabled' } as const;
const NOT_CONNECTED = {
  isOnline: null,
  isNotifiable: null,
  reasonCode: 'not_connected_since_enabled',
} as const;
const online = (isNotifiable: boolean) => ({ isOnline: true, isNotifiable, reasonCode: 'online' });
const offline = (isNotifiable: boolean) => ({
  isOnline: false,
  isNotifiable,
  reasonCode: 'offline',
});

interface Row {
  readonly situation: string;
  readonly log: readonly Fact[];
  readonly answer:
    ReturnType<typeof online | typeof offline> | typeof DISABLED | typeof NOT_CONNECTED;
}

const NULL_RULES: readonly Row[] = [
  { situation: 'a fresh Service', log: [], answer: DISABLED },
  { situation: 'never enabled, User connected', log: ['bind', 'connect'], answer: DISABLED },
  { situation: 'disabled', log: ['enable', 'bind', 'connect', 'disable'], answer: DISABLED },
  {
    situation: 'disabled, then the User connects',
    log: ['enable', 'connect', 'disable', 'connect'],
    answer: DISABLED,
  },
  { situation: 'enabled, the User never connected', log: ['enable'], answer: NOT_CONNECTED },
  {
    situation: 'enabled, the User came and went before',
    log: ['connect', 'disconnect', 'enable'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled, a Connection from before is still open',
    log: ['connect', 'enable'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled, a Connection from before has closed since',
    log: ['connect', 'enable', 'disconnect'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled, a Binding exists from before',
    log: ['bind', 'enable'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled, a Binding was registered since',
    log: ['enable', 'bind'],
    answer: NOT_CONNECTED,
  },
  { situation: 'first connect, no Binding', log: ['enable', 'connect'], answer: online(false) },
  { situation: 'first connect, Binding', log: ['bind', 'enable', 'connect'], answer: online(true) },
  {
    situation: 'Binding registered while online',
    log: ['enable', 'connect', 'bind'],
    answer: online(true),
  },
  {
    situation: 'last Binding removed while online',
    log: ['enable', 'bind', 'connect', 'unbind'],
    answer: online(false),
  },
  {
    situation: 'one of two Connections closed',
    log: ['enable', 'connect', 'connect', 'disconnect'],
    answer: online(false),
  },
  {
    situation: 'the only open Connection is from before enablement, another one came and went',
    log: ['connect', 'enable', 'connect', 'disconnect'],
    answer: online(false),
  },
  {
    situation: 'none open, no Binding',
    log: ['enable', 'connect', 'disconnect'],
    answer: offline(false),
  },
  {
    situation: 'none open, Binding',
    log: ['enable', 'connect', 'disconnect', 'bind'],
    answer: offline(true),
  },
  {
    situation: 'none open, last Binding removed',
    log: ['enable', 'bind', 'connect', 'disconnect', 'unbind'],
    answer: offline(false),
  },
  {
    situation: 'enabled again, User still connected',
    log: ['enable', 'bind', 'connect', 'disable', 'enable'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled again, connected while disabled',
    log: ['enable', 'connect', 'disable', 'connect', 'enable'],
    answer: NOT_CONNECTED,
  },
  {
    situation: 'enabled again, next connect',
    log: ['enable', 'bind', 'connect', 'disconnect', 'disable', 'enable', 'connect'],
    answer: online(true),
  },
];

describe('The null rules', () => {
  it.each(NULL_RULES)('$situation: $answer', ({ log, answer }) => {
    expect(reachabilityOf(...after(...log))).toEqual(answer);
  });

  it('answer null for a User that never connected, even without a flag position', () => {
    const user = { lastConnectPosition: null, openConnections: 0, bindings: 1 };
    expect(reachabilityOf(user, { enabled: true, flagPosition: null })).toEqual(NOT_CONNECTED);
  });

  it('answer both values or neither; only a connect while enabled ends null', () => {
    const anyFact = fc.constantFrom<Fact>('enable', 'disable', 'connect', 'bind');
    fc.assert(
      fc.property(fc.array(anyFact), (log) => {
        const { isOnline, isNotifiable } = reachabilityOf(...after(...log));
        const flag = log.findLastIndex((fact) => fact === 'enable' || fact === 'disable');
        const known = log[flag] === 'enable' && log.indexOf('connect', flag) !== -1;
        expect(isOnline !== null).toBe(known);
        expect(isNotifiable !== null).toBe(known);
      }),
    );
  });
});
