import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenedTwice, OpenTwice } from './opened.ts';

/** What every lease store does. */
export function leasesContract(adapter: string, open: OpenTwice): void {
  describe(`Leases in ${adapter}`, () => {
    let opened: OpenedTwice;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('are seen by other processes as their holder has written them last', async () => {
      const { one, other } = opened;
      expect(await other.leases.list()).toEqual([]);
      await one.leases.renew({ nodeId: 'a', incarnation: 1, counter: 1 });
      const renewedAt = '2026-03-04T05:06:07.890Z';
      await one.leases.renew({ nodeId: 'a', incarnation: 2, counter: 7, renewedAt });
      await other.leases.renew({ nodeId: 'b', incarnation: 1, counter: 1 });
      const leases = await other.leases.list();
      expect(leases.sort((left, right) => left.nodeId.localeCompare(right.nodeId))).toEqual([
        { nodeId: 'a', incarnation: 2, counter: 7, renewedAt },
        { nodeId: 'b', incarnation: 1, counter: 1 },
      ]);
    });

    it('say what their holder says of itself', async () => {
      const { one, other } = opened;
      const startedAt = '2026-03-04T05:06:07.890Z';
      const details = { role: 'all', programVersion: '1.2.3', startedAt, connections: 7 };
      await one.leases.renew({ nodeId: 'a', incarnation: 1, counter: 1, details });
      expect(await other.leases.list()).toEqual([
        { nodeId: 'a', incarnation: 1, counter: 1, details },
      ]);
      const later = { ...details, connections: 12_345 };
      await one.leases.renew({ nodeId: 'a', incarnation: 1, counter: 2, details: later });
      expect(await other.leases.list()).toMatchObject([{ counter: 2, details: later }]);
    });

    it('are removed only for the incarnation that they belong to', async () => {
      const { one, other } = opened;
      await one.leases.renew({ nodeId: 'a', incarnation: 2, counter: 1 });
      await other.leases.remove({ nodeId: 'a', incarnation: 1 });
      await other.leases.remove({ nodeId: 'unknown', incarnation: 1 });
      expect(await one.leases.list()).toHaveLength(1);
      await other.leases.remove({ nodeId: 'a', incarnation: 2 });
      expect(await one.leases.list()).toEqual([]);
      await one.leases.renew({ nodeId: 'a', incarnation: 3, counter: 1 });
      expect(await other.leases.list()).toEqual([{ nodeId: 'a', incarnation: 3, counter: 1 }]);
    });
  });
}
