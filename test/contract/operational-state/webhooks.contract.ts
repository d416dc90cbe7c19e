import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  ClaimedDelivery,
  DeliveryOutcome,
  NewDelivery,
  OperationalStores,
} from '#operational-state';
import { START } from '#projections';
import type { OpenedTwice, OpenTwice } from './opened.ts';

const TARGET = { url: 'https://example.com/hooks', method: 'POST' } as const;
const DAY = 24 * 3_600_000;
const TERM = 100;
const noChanges = {
  clearedServices: new Set<string>(),
  users: new Map(),
  targets: new Map(),
  deliveries: [],
  now: 0,
};

function delivery(position: number, userSid: string, serviceSid = 'IS1'): NewDelivery {
  return {
    position: String(position).padStart(4, '0'),
    sid: `WD${position}`,
    idempotencyToken: `token ${position}`,
    serviceSid,
    userSid,
    eventType: 'onUserUpdated',
    parameters: [['Identity', userSid]],
    giveUpAt: DAY,
  };
}

const sids = (deliveries: readonly { readonly sid: string }[]): string[] =>
  deliveries.map(({ sid }) => sid);

const delivered = { status: 'delivered', responseCode: 200 } as const;
const failedUntil = (nextAttemptAt: number) =>
  ({ status: 'failed', responseCode: 503, error: 'Answered 503', nextAttemptAt }) as const;
const dead = { status: 'dead', responseCode: 400, error: 'Answered 400', attempted: true } as const;

/** What every webhook queue and its enqueuer's store do. */
export function webhooksContract(adapter: string, open: OpenTwice): void {
  describe(`Webhooks in ${adapter}`, () => {
    let opened: OpenedTwice;
    let state: OperationalStores;

    beforeEach(async () => {
      opened = await open();
      state = opened.one;
      await state.webhookEnqueuerStore.begin('epoch', null);
    });
    afterEach(() => opened.close());

    async function enqueue(...deliveries: readonly NewDelivery[]): Promise<void> {
      const before = await state.webhookEnqueuerStore.checkpoint();
      const next = { ...START, position: deliveries.at(-1)?.position ?? null };
      const targets = new Map(deliveries.map(({ serviceSid }) => [serviceSid, TARGET]));
      const changes = { ...noChanges, targets, deliveries };
      expect(await state.webhookEnqueuerStore.commit(before, next, changes)).toBe(true);
    }

    const term = (now: number, takeOver = true) => ({ now, until: now + TERM, takeOver });

    const claim = (now: number, limit = 10, serviceSid = 'IS1'): Promise<ClaimedDelivery[]> =>
      state.webhookQueue.claim(serviceSid, limit, term(now));

    async function claimOne(now: number): Promise<ClaimedDelivery> {
      const [claimed] = await claim(now, 1);
      if (claimed === undefined) throw new Error('Nothing was due');
      return claimed;
    }

    /** Returns whether the result was recorded. */
    async function record(
      claimed: ClaimedDelivery,
      outcome: DeliveryOutcome,
      now: number,
    ): Promise<boolean> {
      return (await state.webhookQueue.recordResults([{ delivery: claimed, outcome }], now)) === 1;
    }

    describe('The queue', () => {
      it('hands out one delivery of each User at a time, in the order of the log', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'ann'), delivery(3, 'bob'));
        const first = await claim(1);
        expect(sids(first)).toEqual(['WD1', 'WD3']);
        expect(first[0]).toMatchObject({ target: TARGET, parameters: [['Identity', 'ann']] });
        expect(await claim(1)).toEqual([]);
        for (const claimed of first) await record(claimed, delivered, 2);
        expect(sids(await claim(2))).toEqual(['WD2']);
      });

      it('hands out a delivery with its trace, where that is known, until it is pruned', async () => {
        const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
        await enqueue({ ...delivery(1, 'ann'), traceParent }, delivery(2, 'bob'));
        const claimed = await claim(1);
        expect(claimed.map((each) => each.traceParent)).toEqual([traceParent, undefined]);
        for (const each of claimed) await record(each, delivered, 2);
        const retention = { deliveredMs: 0, deadMs: 0, maxPerStatus: 10 };
        expect(await state.webhookQueue.prune(retention, 3)).toBe(2);
      });

      it('holds back later deliveries of a User while one waits for its next attempt', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'ann'));
        await record(await claimOne(1), failedUntil(50), 2);
        await enqueue(delivery(3, 'ann'));
        expect(await claim(49)).toEqual([]);
        const again = await claimOne(50);
        expect(again).toMatchObject({
          sid: 'WD1',
          status: 'failed',
          attempts: 1,
          responseCode: 503,
        });
        await record(again, dead, 51);
        expect(sids(await claim(51))).toEqual(['WD2']);
      });

      it('gives a delivery to another worker once its claim has ended, and then ignores the first worker', async () => {
        await enqueue(delivery(1, 'ann'));
        const lost = await claimOne(0);
        expect(await claim(TERM - 1)).toEqual([]);
        const taken = await claimOne(TERM);
        expect(await record(lost, dead, TERM + 1)).toBe(false);
        expect(await record(taken, delivered, TERM + 2)).toBe(true);
        expect(await state.webhookQueue.find('IS1', 'WD1')).toMatchObject({
          status: 'delivered',
          attempts: 1,
        });
      });

      it('records the late result of an ended claim that nobody has taken over', async () => {
        await enqueue(delivery(1, 'ann'));
        const late = await claimOne(0);
        expect(await record(late, delivered, 10 * TERM)).toBe(true);
        expect(await claim(10 * TERM)).toEqual([]);
      });

      it('leaves ended claims to their workers until told to take over', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'bob'));
        await claimOne(0);
        const { webhookQueue } = opened.other;
        expect(sids(await webhookQueue.claim('IS1', 10, term(TERM, false)))).toEqual(['WD2']);
        expect(sids(await webhookQueue.claim('IS1', 10, term(TERM)))).toEqual(['WD1']);
      });

      it('extends claims, except those that another worker has taken over', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'bob'));
        const claims = await claim(0);
        const [ann, bob] = claims;
        expect(await state.webhookQueue.extend(claims, 2 * TERM)).toEqual(
          new Set(['0001', '0002']),
        );
        expect(await claim(2 * TERM - 1)).toEqual([]);
        const { webhookQueue } = opened.other;
        expect(sids(await webhookQueue.claim('IS1', 1, term(2 * TERM)))).toEqual([ann?.sid]);
        expect(await state.webhookQueue.extend(claims, 4 * TERM)).toEqual(new Set([bob?.position]));
        expect(sids(await claim(3 * TERM))).toEqual([ann?.sid]);
      });

      it('takes unsent deliveries back, except those that another worker has taken over', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'ann'), delivery(3, 'bob'));
        const claims = await claim(0);
        expect(sids(claims)).toEqual(['WD1', 'WD3']);
        const { webhookQueue } = opened.other;
        const [taken] = await webhookQueue.claim('IS1', 1, term(TERM));
        await state.webhookQueue.release(claims, TERM);
        const released = await claim(TERM);
        expect(sids([...(taken === undefined ? [] : [taken]), ...released]).sort()).toEqual([
          'WD1',
          'WD3',
        ]);
        expect(released).toMatchObject([{ status: 'pending', attempts: 0 }]);
      });

      it('gives each delivery to one of two processes', async () => {
        await enqueue(
          ...Array.from({ length: 20 }, (_, index) => delivery(index, `user ${index}`)),
        );
        const claims = [
          ...(await claim(1, 7)),
          ...(await opened.other.webhookQueue.claim('IS1', 7, term(1))),
          ...(await claim(1, 7)),
        ];
        expect(new Set(sids(claims)).size).toBe(20);
        expect(claims).toHaveLength(20);
      });

      it('lists only the Services with a due delivery', async () => {
        await enqueue(
          delivery(1, 'ann', 'IS1'),
          delivery(2, 'bob', 'IS2'),
          delivery(3, 'cid', 'IS3'),
        );
        await record(await claimOne(1), failedUntil(500), 2);
        const [other] = await claim(1, 1, 'IS3');
        if (other !== undefined) await record(other, delivered, 2);
        const due = (now: number) => state.webhookQueue.findDue(now);
        expect(await due(2)).toEqual({ services: ['IS2'], nextAt: 500 });
        expect(await due(500)).toEqual({ services: ['IS1', 'IS2'], nextAt: null });
      });

      it('reopens dead deliveries before the open ones of their User', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'ann'));
        await record(await claimOne(1), dead, 2);
        expect(await state.webhookQueue.retry({ serviceSid: 'IS1' }, 10, 2 * DAY)).toBe(1);
        const again = await claimOne(10);
        expect(again).toMatchObject({ sid: 'WD1', giveUpAt: 2 * DAY, attempts: 1 });
        await record(again, delivered, 11);
        expect(sids(await claim(11))).toEqual(['WD2']);
      });

      it('makes waiting deliveries due at once on a retry or a change of the URL', async () => {
        await enqueue(delivery(1, 'ann'), delivery(2, 'bob'));
        for (const claimed of await claim(1)) {
          await record(claimed, failedUntil(DAY), 2);
        }
        expect(await state.webhookQueue.retry({ sid: 'WD1' }, 10, DAY)).toBe(0);
        const retried = await claim(10);
        expect(sids(retried)).toEqual(['WD1']);
        const before = await state.webhookEnqueuerStore.checkpoint();
        await state.webhookEnqueuerStore.commit(before, before, {
          ...noChanges,
          targets: new Map([['IS1', { ...TARGET, url: 'https://example.com/new' }]]),
          now: 20,
        });
        expect(await claim(20)).toMatchObject([
          { sid: 'WD2', target: { url: 'https://example.com/new' } },
        ]);
      });

      it('counts the deliveries of each Service', async () => {
        await enqueue(
          delivery(1, 'ann'),
          delivery(2, 'bob'),
          delivery(3, 'bob'),
          delivery(4, 'cid'),
        );
        const [first, second] = await claim(1, 2);
        if (first !== undefined) await record(first, dead, 2);
        if (second !== undefined) await record(second, failedUntil(DAY), 2);
        expect(await state.webhookQueue.counts()).toEqual([
          { serviceSid: 'IS1', pending: 2, delivered: 0, failed: 1, dead: 1, oldestOpenAt: 0 },
        ]);
      });

      it('prunes finished deliveries by age and number, never open ones', async () => {
        await enqueue(...Array.from({ length: 6 }, (_, index) => delivery(index, `user ${index}`)));
        const claimed = await claim(1, 5);
        for (const [index, one] of claimed.entries()) {
          await record(one, index === 0 ? dead : delivered, 10 + index);
        }
        const retention = { deliveredMs: 1_000, deadMs: DAY, maxPerStatus: 2 };
        expect(await state.webhookQueue.prune(retention, 20)).toBe(2);
        expect(await state.webhookQueue.prune(retention, 5_000)).toBe(2);
        const left = await state.webhookQueue.list({}, { after: null }, 10);
        expect(left.rows.map(({ status }) => status)).toEqual(['pending', 'dead']);
      });

      it('lists pages in both directions, filtered by User and status', async () => {
        await enqueue(...Array.from({ length: 5 }, (_, index) => delivery(index, `u${index % 2}`)));
        const { webhookQueue } = state;
        const first = await webhookQueue.list({ serviceSid: 'IS1' }, { after: null }, 2);
        expect([sids(first.rows), first.hasPrevious, first.hasNext]).toEqual([
          ['WD4', 'WD3'],
          false,
          true,
        ]);
        const next = await webhookQueue.list({}, { after: '0003' }, 2);
        expect([sids(next.rows), next.hasPrevious, next.hasNext]).toEqual([
          ['WD2', 'WD1'],
          true,
          true,
        ]);
        const back = await webhookQueue.list({}, { before: '0002' }, 2);
        expect([sids(back.rows), back.hasPrevious, back.hasNext]).toEqual([
          ['WD4', 'WD3'],
          false,
          true,
        ]);
        expect(sids((await webhookQueue.list({ userSid: 'u1' }, { after: null }, 9)).rows)).toEqual(
          ['WD3', 'WD1'],
        );
        expect((await webhookQueue.list({ status: 'dead' }, { after: null }, 9)).rows).toEqual([]);
      });
    });

    describe('The store of the enqueuer', () => {
      it('commits only if the checkpoint is the expected one', async () => {
        const before = await state.webhookEnqueuerStore.checkpoint();
        await enqueue(delivery(1, 'ann'));
        const late = { ...noChanges, deliveries: [delivery(2, 'bob')] };
        expect(
          await state.webhookEnqueuerStore.commit(before, { ...START, position: '9' }, late),
        ).toBe(false);
        expect(sids(await claim(1))).toEqual(['WD1']);
      });

      it('continues in the same log and starts again in another', async () => {
        await enqueue(delivery(1, 'ann'));
        await state.webhookEnqueuerStore.begin('epoch', '0100');
        expect((await state.webhookEnqueuerStore.checkpoint()).position).toBe('0001');
        await state.webhookEnqueuerStore.begin('another', '0100');
        expect((await state.webhookEnqueuerStore.checkpoint()).position).toBe('0100');
        expect(await claim(1)).toEqual([]);
      });

      it('keeps states of Users until their Service is cleared or has no target', async () => {
        const before = await state.webhookEnqueuerStore.checkpoint();
        const users = new Map([
          ['ann', { serviceSid: 'IS1', state: 'as of 1' }],
          ['bob', { serviceSid: 'IS2', state: 'as of 2' }],
        ]);
        await state.webhookEnqueuerStore.commit(before, before, { ...noChanges, users });
        expect([...(await state.webhookEnqueuerStore.users(['ann', 'bob', 'cid']))]).toEqual([
          ['ann', 'as of 1'],
          ['bob', 'as of 2'],
        ]);
        await state.webhookEnqueuerStore.commit(before, before, {
          ...noChanges,
          clearedServices: new Set(['IS1']),
          users: new Map([['cid', { serviceSid: 'IS1', state: 'as of 3' }]]),
        });
        expect([...(await state.webhookEnqueuerStore.users(['ann', 'cid']))]).toEqual([
          ['cid', 'as of 3'],
        ]);
        const gone = { users: new Map([['bob', null]]), targets: new Map([['IS1', null]]) };
        await state.webhookEnqueuerStore.commit(before, before, { ...noChanges, ...gone });
        expect((await state.webhookEnqueuerStore.users(['bob', 'cid'])).size).toBe(0);
      });

      it('reports why it is down until the checkpoint moves', async () => {
        await state.webhookEnqueuerStore.reportDown('no log');
        expect(await state.webhookEnqueuerStore.status()).toMatchObject({ downReason: 'no log' });
        await enqueue(delivery(1, 'ann'));
        expect(await state.webhookEnqueuerStore.status()).toMatchObject({
          downReason: null,
          position: '0001',
        });
      });
    });
  });
}
