import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TtlEntry, TtlStore } from '#operational-state';
import type { OpenedTwice, OpenTwice } from './opened.ts';

const NOW = 1_772_600_000_000;

const entry = (connectionSid: string, ttlSeconds: number): TtlEntry => ({
  connectionSid,
  serviceSid: 'IS1',
  userSid: 'US1',
  ttlSeconds,
  renewedAt: NOW,
});

/** What every {@link TtlStore} does. */
export function ttlsContract(adapter: string, open: OpenTwice): void {
  describe(`Deadlines in ${adapter}`, () => {
    let opened: OpenedTwice;
    let ttls: TtlStore;

    beforeEach(async () => {
      opened = await open();
      ttls = opened.one.ttls;
    });
    afterEach(() => opened.close());

    const taken = async (now: number, limit = 10, store = ttls): Promise<string[]> =>
      (await store.takeExpired(now, limit, 5_000)).map(({ connectionSid }) => connectionSid);

    it('keep the deadline of a Connection that is started again', async () => {
      await ttls.start(entry('CO1', 30));
      await opened.other.ttls.start({ ...entry('CO1', 60), userSid: 'US2' });
      expect(await ttls.find('CO1')).toEqual(entry('CO1', 30));
    });

    it('are taken once they have passed, by one of two processes', async () => {
      for (const sid of ['CO1', 'CO2', 'CO3']) await ttls.start(entry(sid, 30));
      expect(await taken(NOW + 29_999)).toEqual([]);
      const both = [
        ...(await taken(NOW + 30_000, 2)),
        ...(await taken(NOW + 30_000, 2, opened.other.ttls)),
      ];
      expect(both.sort()).toEqual(['CO1', 'CO2', 'CO3']);
    });

    it('are taken earliest first', async () => {
      await ttls.start(entry('CO1', 50));
      await ttls.start(entry('CO2', 40));
      expect(await taken(NOW + 60_000, 1)).toEqual(['CO2']);
    });

    it('tell the earliest of them, and when a taken entry can be taken again', async () => {
      expect(await ttls.nextDeadline()).toBeNull();
      await ttls.start(entry('CO1', 50), entry('CO2', 40));
      expect(await ttls.nextDeadline()).toBe(NOW + 40_000);
      await taken(NOW + 60_000);
      expect(await ttls.nextDeadline()).toBe(NOW + 65_000);
    });

    it('move with a renewal, until they are taken', async () => {
      await ttls.start(entry('CO1', 30));
      expect(await opened.other.ttls.renew('CO1', 60, NOW + 1_000)).toBe(true);
      expect(await taken(NOW + 60_999)).toEqual([]);
      expect(await taken(NOW + 61_000)).toEqual(['CO1']);
      expect(await ttls.renew('CO1', 60, NOW + 62_000)).toBe(false);
      expect(await ttls.renew('unknown', 60, NOW)).toBe(false);
    });

    it('keep the later of two renewals, whichever is written first', async () => {
      await ttls.start(entry('CO1', 30));
      expect(await ttls.renew('CO1', 60, NOW + 20_000)).toBe(true);
      expect(await opened.other.ttls.renew('CO1', 30, NOW + 1_000)).toBe(true);
      expect(await taken(NOW + 79_999)).toEqual([]);
      expect(await ttls.find('CO1')).toEqual({ ...entry('CO1', 60), renewedAt: NOW + 20_000 });
      expect(await taken(NOW + 80_000)).toEqual(['CO1']);
    });

    it('are either renewed or taken where both happen at once', async () => {
      const sids = Array.from({ length: 50 }, (_, index) => `CO${index}`);
      await ttls.start(...sids.map((sid) => entry(sid, 30)));
      const [renewed, expired] = await Promise.all([
        Promise.all(sids.map((sid) => ttls.renew(sid, 30, NOW + 30_000))),
        taken(NOW + 30_000, 50, opened.other.ttls),
      ]);
      const kept = sids.filter((_, index) => renewed[index] === true);
      // One that is locked by a renewal is left out.
      expect(expired.filter((sid) => kept.includes(sid))).toEqual([]);
      const later = await taken(NOW + 30_000, 50);
      expect([...kept, ...expired, ...later].sort()).toEqual(sids.sort());
    });

    it('can be taken again if the worker that took them does not remove them', async () => {
      await ttls.start(entry('CO1', 30));
      expect(await taken(NOW + 30_000)).toEqual(['CO1']);
      expect(await taken(NOW + 34_999)).toEqual([]);
      expect(await taken(NOW + 35_000)).toEqual(['CO1']);
      await ttls.remove('CO1');
      expect(await taken(NOW + 90_000)).toEqual([]);
      expect(await ttls.find('CO1')).toBeNull();
    });
  });
}
