import { describe, expect, it } from '@jest/globals';
import { compareShown } from '../../chaos/machines/end-check.ts';
import { unexplainedFailures } from '../../chaos/machines/failures.ts';
import type { GatewaySession } from '../../chaos/machines/gateway.ts';
import { gatewayUser } from '../../chaos/machines/gateway-oracle.ts';
import { LogReplay } from '../../chaos/machines/log-replay.ts';
import { sharedFaults } from '../../chaos/machines/machine-faults.ts';
import { Requests, type Operation } from '../../chaos/machines/requests.ts';
import { checkWebhooks } from '../../chaos/machines/webhook-checker.ts';
import type { WebhookRequest } from '../../chaos/machines/webhook-recorder.ts';
import { UserOracle, type Attempt, type Bounds, type Outage } from '../../chaos/oracle.ts';
import { NO_SHARED_FAULTS } from '../../chaos/shared-faults.ts';

const BOUNDS: Bounds = {
  graceMs: 5_000,
  stalenessMs: 21_000,
  nodeLostMs: 13_000,
  visibleMs: 2_000,
};

describe('The webhook check of a chaos run', () => {
  const change = (version: string, isOnline: boolean) => ({
    user: 'ann',
    version,
    isOnline,
    isNotifiable: false,
  });
  const request = (version: string, at: number, given: Partial<WebhookRequest> = {}) => ({
    token: `token ${version}`,
    user: 'ann',
    version: `epoch:${version}`,
    isOnline: 'true',
    isNotifiable: 'false',
    at,
    status: 204,
    answeredAt: at + 10,
    ...given,
  });

  it('counts a delivery that was repeated after its answer, unless a fault can have lost that', () => {
    const twice = [request('1', 10_000), request('1', 15_000)];
    const { doubled, repeatedAfterLoss } = checkWebhooks(twice, [change('1', true)], []);
    expect([doubled.length, repeatedAfterLoss]).toEqual([1, 0]);
    const faults = [{ from: 11_000, to: 14_000 }];
    expect(checkWebhooks(twice, [change('1', true)], faults)).toMatchObject({
      doubled: [],
      repeatedAfterLoss: 1,
    });
  });

  it('accepts a repetition after a failure', () => {
    const retried = [request('1', 10_000, { status: 503 }), request('1', 15_000)];
    expect(checkWebhooks(retried, [change('1', true)], []).doubled).toEqual([]);
  });

  it('counts changes that were not delivered, or wrongly', () => {
    const requests = [request('1', 10_000, { isOnline: 'false' })];
    const { missed } = checkWebhooks(requests, [change('1', true), change('2', false)], []);
    expect(missed).toHaveLength(2);
  });

  it('counts deliveries of one User in another order than that of the log', () => {
    const requests = [request('2', 10_000), request('1', 10_100)];
    const changes = [change('1', true), change('2', true)];
    expect(checkWebhooks(requests, changes, []).misordered).toHaveLength(1);
  });
});

describe('The replay of a chaos run', () => {
  const ofUser = { serviceSid: 'IS1', userSid: 'US1' };
  const node = (incarnation: number) => ({ nodeId: 'node-1', incarnation });
  const created = { type: 'UserCreated', data: { ...ofUser, identity: 'ann' } };
  const opened = (connectionSid: string, incarnation: number) => ({
    type: 'ConnectionOpened',
    data: { ...ofUser, connectionSid, node: node(incarnation) },
  });
  const closed = (connectionSid: string) => ({
    type: 'ConnectionClosed',
    data: { ...ofUser, connectionSid },
  });
  const replay = (events: readonly { readonly type: string; readonly data: object }[]) =>
    new LogReplay(
      events.map((event, index) => ({
        ...event,
        position: String(index),
        occurred_at: '2026-03-04T05:06:07.000Z',
      })),
    );

  it('derives every change and the state at the end', () => {
    const { changes, users } = replay([
      created,
      opened('CN1', 1),
      opened('CN2', 1),
      closed('CN1'),
      closed('CN2'),
    ]);
    expect(changes.map(({ version, isOnline }) => [version, isOnline])).toEqual([
      ['1', true],
      ['4', false],
    ]);
    expect(users.get('ann')).toMatchObject({ isOnline: false, opened: ['CN1', 'CN2'] });
  });

  it('does not count a Connection that was opened after the end of its incarnation', () => {
    const lost = { type: 'NodeLost', data: node(1) };
    const { users, losses } = replay([created, lost, opened('CN1', 1)]);
    expect(users.get('ann')?.isOnline).toBeNull();
    expect(losses).toHaveLength(1);
    expect(replay([created, lost, opened('CN1', 2)]).users.get('ann')?.isOnline).toBe(true);
  });
});

describe('Reads that failed in a chaos run', () => {
  const faults = {
    stores: { postgres: [], eventstore: [] },
    apis: [[{ from: 1_000, to: 2_000, kind: 'killed' as const }], []],
    workers: [[], []],
  };
  const refused = (node: number, at: number) => ({ node, from: at, to: at, what: 'ECONNREFUSED' });

  it('are excused at a node that was down, even where they failed in no time', () => {
    expect(unexplainedFailures([refused(0, 1_500)], [], faults, 0)).toEqual([]);
  });

  it('count at another node, and before and long after', () => {
    const reads = [refused(1, 1_500), refused(0, 900), refused(0, 60_000)];
    expect(unexplainedFailures(reads, [], faults, 0)).toHaveLength(3);
  });
});

describe('The end of a chaos run', () => {
  it('counts an api process that does not answer, and compares the others', async () => {
    const reader = { readAll: () => Promise.reject(new Error('ECONNREFUSED')) };
    const apis = [{ name: 'api-1', program: null }] as const;
    const violations = await compareShown({ apis, reader }, ['ann'], () => []);
    expect(violations).toEqual([
      { user: '', where: 'api-1', what: 'no answer at the end: Error: it is not running' },
    ]);
  });
});

describe('The oracle of gateways', () => {
  function session(
    operations: readonly (Omit<Operation, 'node'> & {
      readonly kind: 'open' | 'renew' | 'close';
    })[],
  ): GatewaySession {
    const requests = new Requests<'open' | 'renew' | 'close'>([], 0);
    for (const { kind, ...operation } of operations) {
      requests.operations.push({ kind, operation: { node: 0, ...operation } });
    }
    return { sid: 'CN1', endedAt: null, requests };
  }
  const open = { kind: 'open', sentAt: 1_000, settledAt: 1_100, status: 201 } as const;
  const renew = { kind: 'renew', sentAt: 9_000, settledAt: 9_100, status: 200 } as const;
  const faults = { outages: [[]], shared: NO_SHARED_FAULTS };

  it('expects a Connection open for its TTL after a renewal that was answered', () => {
    const user = gatewayUser([session([open, renew])], BOUNDS, faults);
    expect(user.falselyOffline(18_000, 18_500)).toBeDefined();
    expect(user.falselyOffline(19_500, 19_600)).toBeUndefined();
  });

  it('finds a ghost soon after the TTL, and not while a renewal may still take effect', () => {
    const user = gatewayUser([session([open, renew])], BOUNDS, faults);
    expect(user.ghost(23_000, 23_100)).toBeUndefined();
    expect(user.ghost(24_000, 24_100)).toBeDefined();
    const pending = { ...renew, settledAt: null, status: null };
    expect(gatewayUser([session([open, pending])], BOUNDS, faults).ghost(60_000, 60_100)).toBe(
      undefined,
    );
  });

  it('finds a ghost as soon as a deletion must be visible', () => {
    const close = { kind: 'close', sentAt: 5_000, settledAt: 5_100, status: 204 } as const;
    const user = gatewayUser([session([open, close])], BOUNDS, faults);
    expect(user.ghost(7_200, 7_300)).toMatchObject({ cause: 'deleted' });
  });

  it('finds no ghost after a deletion while an earlier Connection that nobody ended may be open', () => {
    const abandoned = session([open]);
    const deleted = session([
      { kind: 'open', sentAt: 3_000, settledAt: 3_100, status: 201 },
      { kind: 'close', sentAt: 5_000, settledAt: 5_100, status: 204 },
    ]);
    const user = gatewayUser([abandoned, deleted], BOUNDS, faults);
    expect(user.ghost(7_200, 11_000)).toBeUndefined();
    expect(user.ghost(15_700, 15_800)).toMatchObject({ cause: 'several' });
  });
});

describe('The oracle of clients on several machines', () => {
  const attempt = (given: Partial<Attempt>): Attempt => ({
    user: 'ann',
    node: 0,
    startedAt: 0,
    readyAt: 0,
    answeredAt: 0,
    endedAt: null,
    endCause: null,
    closeCode: null,
    expiresAt: 3_600_000,
    blocked: [],
    lateMs: 0,
    ...given,
  });
  const cut = (from: number, to: number): Outage[][] => [[{ kind: 'cut', from, to }], []];

  it('expects the clients of a node online that is cut off for less than its lease', () => {
    expect(
      new UserOracle([attempt({})], cut(10_000, 12_000), BOUNDS).falselyOffline(11_000, 13_000),
    ).toBeDefined();
    expect(
      new UserOracle([attempt({})], cut(10_000, 30_000), BOUNDS).falselyOffline(20_000, 21_000),
    ).toBeUndefined();
  });

  it('expects everybody online while PostgreSQL is away', () => {
    const faults = { stores: { postgres: [{ from: 10_000, to: 40_000 }], eventstore: [] } };
    const shared = sharedFaults({ ...faults, apis: [[], []], workers: [[], []] }, 0);
    const oracle = new UserOracle([attempt({})], [[], []], BOUNDS, shared);
    expect(oracle.falselyOffline(20_000, 45_000)).toBeDefined();
  });

  it('gives a lost node a full term after PostgreSQL is back', () => {
    const faults = { stores: { postgres: [{ from: 10_000, to: 40_000 }], eventstore: [] } };
    const killed: Outage = { kind: 'killed', from: 9_000, to: 60_000 };
    const shared = sharedFaults({ ...faults, apis: [[killed], []], workers: [[], []] }, 0);
    const gone = attempt({ endedAt: 9_000, endCause: 'closed by server' });
    const oracle = new UserOracle([gone], [[killed], []], BOUNDS, shared);
    expect(oracle.ghost(57_000, 57_100)).toBeUndefined();
    expect(oracle.ghost(58_100, 58_200)).toBeDefined();
  });
});
