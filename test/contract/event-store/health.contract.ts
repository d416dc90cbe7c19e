import { describe, expect, it } from '@jest/globals';
import { WrongExpectedRevisionError } from '#event-store';
import type { StoresUnderTest } from '../event-store.contract.ts';
import { collect, newEvents, newStream } from './samples.ts';

export function healthContract(subject: StoresUnderTest): void {
  describe('health', () => {
    it('says when the store last answered a read and confirmed a write', async () => {
      const store = await subject.open();
      try {
        const openedAt = store.health.since;
        const stream = newStream();
        await store.append(stream, 'no_stream', newEvents(1));
        await collect(store.readStream(stream));
        const { state, reason, since, lastGoodReadAt, lastGoodWriteAt } = store.health;
        expect({ state, reason, since }).toEqual({ state: 'up', reason: null, since: openedAt });
        expect(lastGoodReadAt).toBeGreaterThanOrEqual(openedAt);
        expect(lastGoodWriteAt).toBeGreaterThanOrEqual(openedAt);
      } finally {
        await store.close();
      }
    });

    it('counts no write for an append that is refused', async () => {
      const store = await subject.open();
      try {
        const append = store.append(newStream(), 3, newEvents(1));
        await expect(append).rejects.toThrow(WrongExpectedRevisionError);
        expect(store.health).toMatchObject({ state: 'up', lastGoodWriteAt: null });
      } finally {
        await store.close();
      }
    });
  });
}
