import { describe, expect, it } from '@jest/globals';
import { nodeStream, type ReachabilityEvent } from '#domain';
import {
  annAfter,
  answerAfter,
  bound,
  closed,
  disabled,
  enabled,
  minute,
  node,
  opened,
  place,
  serviceCreated,
  statesAfter,
  unbound,
  userDeleted,
  userCreated,
} from '../../../../test/support/users-history.ts';

/** Minutes are those of the event that made it so. The first two of every history are 0 and 1. */
type Expected = readonly [
  isOnline: boolean | null,
  isNotifiable: boolean | null,
  reasonCode: string,
  since: number,
  lastOnline: number | null,
];

const DISABLED = (since: number): Expected => [null, null, 'disabled', since, null];
const UNKNOWN = (since: number): Expected => [
  null,
  null,
  'not_connected_since_enabled',
  since,
  null,
];
const online = (isNotifiable: boolean, since: number): Expected => [
  true,
  isNotifiable,
  'online',
  since,
  null,
];
const offline = (isNotifiable: boolean, since: number, lastOnline: number): Expected => [
  false,
  isNotifiable,
  'offline',
  since,
  lastOnline,
];

/** Every row of the null rules. Each history continues from a Service (minute 0) and its User Ann (minute 1). */
const GOLDEN: readonly (readonly [
  situation: string,
  history: readonly ReachabilityEvent[],
  answer: Expected,
])[] = [
  ['a fresh Service', [], DISABLED(1)],
  ['never enabled, Ann connected', [bound('BS'), opened('A')], DISABLED(1)],
  ['disabled', [enabled(), bound('BS'), opened('A'), disabled()], DISABLED(5)],
  ['disabled, then Ann connects', [enabled(), disabled(), opened('A')], DISABLED(3)],
  ['enabled, Ann has not connected since', [enabled()], UNKNOWN(2)],
  [
    'enabled, Ann came and went before',
    [opened('A'), closed('A', minute(3)), enabled()],
    UNKNOWN(4),
  ],
  ['a Connection opened before enablement is still open', [opened('A'), enabled()], UNKNOWN(3)],
  [
    'a Connection opened before enablement has closed since',
    [opened('A'), enabled(), closed('A', minute(4))],
    UNKNOWN(3),
  ],
  ['a Binding exists', [bound('BS'), enabled()], UNKNOWN(3)],
  ['a Binding is registered after enablement', [enabled(), bound('BS')], UNKNOWN(2)],
  ['first connect after enablement', [enabled(), opened('A')], online(false, 3)],
  ['first connect, a Binding exists', [bound('BS'), enabled(), opened('A')], online(true, 4)],
  [
    'first connect beside a Connection from before enablement',
    [opened('A'), enabled(), opened('B')],
    online(false, 4),
  ],
  ['a second connect', [enabled(), opened('A'), opened('B')], online(false, 3)],
  [
    'one of two closed',
    [enabled(), opened('A'), opened('B'), closed('A', minute(5))],
    online(false, 3),
  ],
  [
    'only a Connection from before enablement is left open',
    [opened('A'), enabled(), opened('B'), closed('B', minute(5))],
    online(false, 4),
  ],
  ['a Binding is registered while online', [enabled(), opened('A'), bound('BS')], online(true, 3)],
  [
    'the last Binding is removed while online',
    [enabled(), bound('BS'), opened('A'), unbound('BS')],
    online(false, 4),
  ],
  ['none open', [enabled(), opened('A'), closed('A', minute(4))], offline(false, 4, 4)],
  [
    'none open, a Binding exists',
    [bound('BS'), enabled(), opened('A'), closed('A', minute(5))],
    offline(true, 5, 5),
  ],
  [
    'none open after a grace period: seen last before it began',
    [enabled(), opened('A'), closed('A', minute(3))],
    offline(false, 4, 3),
  ],
  [
    'the one that closed last was not the one seen last',
    [enabled(), opened('A'), opened('B'), closed('B', minute(5)), closed('A', minute(3))],
    offline(false, 6, 5),
  ],
  ['online again', [enabled(), opened('A'), closed('A', minute(4)), opened('B')], online(false, 5)],
  [
    'disabled and enabled again while connected',
    [enabled(), bound('BS'), opened('A'), disabled(), enabled()],
    UNKNOWN(6),
  ],
  [
    'disabled and enabled again, connected in between',
    [enabled(), disabled(), opened('A'), enabled()],
    UNKNOWN(5),
  ],
  [
    'enabled again, next connect, the old Connection still open',
    [enabled(), opened('A'), disabled(), enabled(), opened('B')],
    online(false, 6),
  ],
  [
    'enabled again, next connect, that one closed, the old one still open',
    [enabled(), opened('A'), disabled(), enabled(), opened('B'), closed('B', minute(7))],
    online(false, 6),
  ],
];

describe('The null rules, from events to answer', () => {
  it.each(GOLDEN)('%s', async (_, history, answer) => {
    const found = await answerAfter(serviceCreated(), userCreated(), ...history);
    const [isOnline, isNotifiable, reasonCode, since, lastOnline] = answer;
    expect(found).toMatchObject({
      isOnline,
      isNotifiable,
      reasonCode,
      since: minute(since),
      lastOnline: lastOnline === null ? null : minute(lastOnline),
    });
  });

  it('give a User created after enablement no answer since its creation', async () => {
    const answer = await answerAfter(serviceCreated(), enabled(), userCreated());
    expect(answer).toMatchObject({ isOnline: null, since: minute(2) });
  });
});

describe('The version of an answer', () => {
  it("is the later position of the User's last change and the last flag change", async () => {
    const made = [serviceCreated(), userCreated()];
    expect(await answerAfter(...made)).toMatchObject({ position: place(1) });
    expect(await answerAfter(...made, enabled())).toMatchObject({ position: place(2) });
    expect(await answerAfter(...made, enabled(), bound('BS'))).toMatchObject({
      position: place(3),
    });
  });
});

describe('A Connection opened by an ended incarnation', () => {
  const begun = [serviceCreated(), userCreated(), enabled(), node('NodeStarted', 1)];
  const late = opened('A', { nodeId: 'n', incarnation: 1 });

  it.each([
    ['was lost', [node('NodeLost', 1)]],
    ['was stopped', [node('NodeStopped', 1)]],
    ['was followed by a later one', [node('NodeLost', 1), node('NodeStarted', 2)]],
  ])('counts as closed: the start %s', async (_, end) => {
    const answer = await answerAfter(...begun, ...end, late);
    expect(answer).toMatchObject({ isOnline: null, openConnections: 0 });
    expect((await annAfter(...begun, ...end, late))?.connections).toMatchObject([
      { sid: 'A', counted: false },
    ]);
  });

  it('does not change a User that is online, neither when it opens nor when it closes', async () => {
    const online = [...begun, opened('B'), node('NodeLost', 1)];
    const before = await answerAfter(...online);
    const after = await answerAfter(...online, late, closed('A', minute(59)));
    expect(after).toEqual({ ...before, position: place(7) });
    const gone = await answerAfter(
      ...online,
      late,
      closed('A', minute(59)),
      closed('B', minute(8)),
    );
    expect(gone).toMatchObject({ isOnline: false, lastOnline: minute(8) });
  });

  it('does not bring an offline User online, nor change when it was last online', async () => {
    const offline = [...begun, opened('B'), closed('B', minute(5)), node('NodeLost', 1)];
    const answer = await answerAfter(...offline, late, closed('A', minute(8)));
    expect(answer).toMatchObject({ isOnline: false, since: minute(5), lastOnline: minute(5) });
  });

  it('counts while the incarnation runs, until it is closed', async () => {
    const lost = await answerAfter(...begun, late, node('NodeLost', 1));
    expect(lost).toMatchObject({ isOnline: true, openConnections: 1 });
    const reaped = await answerAfter(...begun, late, node('NodeLost', 1), closed('A', minute(4)));
    expect(reaped).toMatchObject({ isOnline: false, lastOnline: minute(4) });
  });

  it('is distinguished from a Connection of another node', async () => {
    const other = opened('A', { nodeId: 'm', incarnation: 1 });
    const answer = await answerAfter(...begun, node('NodeLost', 1), other);
    expect(answer).toMatchObject({ isOnline: true });
  });
});

describe('A User that was deleted', () => {
  const lived = [
    serviceCreated(),
    userCreated(),
    enabled(),
    opened('A'),
    bound('BS'),
    closed('A', minute(5)),
    unbound('BS'),
    userDeleted(),
  ];

  it('leaves nothing', async () => {
    expect(await annAfter(...lived)).toBeNull();
  });

  it('has no answer when it is created again', async () => {
    expect(await answerAfter(...lived, userCreated())).toMatchObject({
      isOnline: null,
      isNotifiable: null,
      reasonCode: 'not_connected_since_enabled',
      since: minute(8),
      openConnections: 0,
    });
    expect(await annAfter(...lived, userCreated())).toMatchObject({
      createdAt: minute(8),
      createdPosition: place(8),
      lastOnlineAt: null,
      bindings: [],
    });
  });
});

describe('A Binding registered again', () => {
  it('keeps its creation time and position, and takes the new values', async () => {
    const ann = await annAfter(
      serviceCreated(),
      userCreated(),
      bound('BS1'),
      bound('BS2'),
      bound('BS1', 'apn', 'ann', undefined, 'tablet'),
    );
    expect(ann?.bindings).toMatchObject([
      {
        sid: 'BS1',
        bindingType: 'apn',
        endpoint: 'tablet',
        createdAt: minute(2),
        createdPosition: place(2),
        updatedAt: minute(4),
      },
      { sid: 'BS2', createdAt: minute(3), updatedAt: minute(3) },
    ]);
  });
});

describe('A node', () => {
  it.each([
    ['runs once started', [node('NodeStarted', 1)], 1, true],
    ['does not run once stopped', [node('NodeStarted', 1), node('NodeStopped', 1)], 1, false],
    [
      'runs again after its next start',
      [node('NodeStarted', 1), node('NodeLost', 1), node('NodeStarted', 2)],
      2,
      true,
    ],
  ])('%s', async (_, history, incarnation, running) => {
    const states = await statesAfter(...history);
    expect(states.get(nodeStream('n'))).toEqual({
      kind: 'node',
      nodeId: 'n',
      incarnation,
      running,
    });
  });
});
