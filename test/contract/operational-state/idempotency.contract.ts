import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdempotencyStore } from '#operational-state';
import type { OpenedTwice, OpenTwice } from './opened.ts';

const NOW = Date.parse('2026-03-04T05:00:00.000Z');
const HOUR = 3_600_000;
const ANSWER = { status: 201, headers: { location: '/a' }, body: '{"sid":"IS1"}' };

/** What every {@link IdempotencyStore} does. */
export function idempotencyStoreContract(adapter: string, open: OpenTwice) {
  describe(`Idempotency records in ${adapter}`, () => {
    let opened: OpenedTwice;
    let stores: { readonly store: IdempotencyStore; readonly other: IdempotencyStore };

    beforeEach(async () => {
      opened = await open();
      stores = { store: opened.one.idempotency, other: opened.other.idempotency };
    });
    afterEach(() => opened.close());

    const claim = (owner: string, now = NOW) => ({
      id: 'key',
      fingerprint: 'request',
      owner,
      claimedUntil: now + 1_000,
      expiresAt: now + HOUR,
    });

    it('let one of several attempts claim a key', async () => {
      const claims = await Promise.all(
        ['a', 'b', 'c', 'd'].map((owner, index) =>
          (index % 2 === 0 ? stores.store : stores.other).claim(claim(owner), NOW),
        ),
      );
      const outcomes = claims.map(({ outcome }) => outcome).sort();
      expect(outcomes).toEqual(['claimed', 'under_way', 'under_way', 'under_way']);
    });

    it('are all gone once cleared', async () => {
      await stores.store.claim(claim('a'), NOW);
      await stores.store.complete(claim('a'), ANSWER);
      await stores.other.clear();
      expect(await stores.store.claim(claim('b'), NOW)).toEqual({ outcome: 'claimed' });
    });

    it('keep keys apart', async () => {
      await stores.store.claim(claim('a'), NOW);
      expect(await stores.store.claim({ ...claim('b'), id: 'other' }, NOW)).toEqual({
        outcome: 'claimed',
      });
    });

    it.each([
      ['with a body', ANSWER],
      ['without a body', { status: 204, headers: {}, body: null }],
    ])('give the answer %s to every process', async (_, answer) => {
      await stores.store.claim(claim('a'), NOW);
      await stores.store.complete(claim('a'), answer);
      for (const store of [stores.store, stores.other]) {
        const result = await store.claim(claim('b'), NOW + HOUR - 1);
        expect(result).toEqual({ outcome: 'completed', answer });
      }
    });

    it.each([
      ['is under way', async () => {}],
      ['has an answer', () => stores.store.complete(claim('a'), ANSWER)],
      ['was released', () => stores.store.release(claim('a'))],
    ])('refuse another request while the first one %s', async (_, proceed) => {
      await stores.store.claim(claim('a'), NOW);
      await proceed();
      const another = { ...claim('b'), fingerprint: 'another' };
      expect(await stores.store.claim(another, NOW + 2_000)).toEqual({ outcome: 'mismatch' });
    });

    it('let the next attempt claim a key that was released', async () => {
      await stores.store.claim(claim('a'), NOW);
      await stores.store.release(claim('a'));
      expect(await stores.other.claim(claim('b'), NOW)).toEqual({ outcome: 'claimed' });
    });

    it('let the next attempt claim a key whose attempt was abandoned', async () => {
      await stores.store.claim(claim('a'), NOW);
      const early = await stores.other.claim(claim('b', NOW + 999), NOW + 999);
      expect(early).toEqual({ outcome: 'under_way' });
      const late = await stores.other.claim(claim('b', NOW + 1_000), NOW + 1_000);
      expect(late).toEqual({ outcome: 'claimed' });
    });

    it('ignore the end of an attempt that was replaced', async () => {
      await stores.store.claim(claim('a'), NOW);
      const later = NOW + 1_000;
      await stores.other.claim(claim('b', later), later);
      await stores.store.complete(claim('a'), ANSWER);
      await stores.store.release(claim('a'));
      expect(await stores.store.claim(claim('c', later), later)).toEqual({ outcome: 'under_way' });
    });

    it('forget an answer when it expires', async () => {
      await stores.store.claim(claim('a'), NOW);
      await stores.store.complete(claim('a'), ANSWER);
      const later = NOW + HOUR;
      const another = { ...claim('b', later), fingerprint: 'another' };
      expect(await stores.store.claim(another, later)).toEqual({ outcome: 'claimed' });
      expect(await stores.store.claim(another, later)).toEqual({ outcome: 'under_way' });
    });

    it('delete expired records in batches, and no others', async () => {
      for (let n = 0; n < 5; n += 1) {
        await stores.store.claim({ ...claim('a', NOW + n), id: `key ${n}` }, NOW + n);
      }
      const later = NOW + HOUR + 2;
      expect(await stores.store.prune(later, 2)).toBe(2);
      expect(await stores.other.prune(later, 2)).toBe(1);
      expect(await stores.store.prune(later, 2)).toBe(0);
      const kept = await stores.store.claim({ ...claim('b'), id: 'key 3' }, NOW + 3);
      expect(kept).toEqual({ outcome: 'under_way' });
    });
  });
}
