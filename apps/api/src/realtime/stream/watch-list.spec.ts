import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WatchList } from './watch-list.ts';

const sids = fc.array(fc.integer({ min: 0, max: 120 }).map(String), { maxLength: 100 });
const step = fc.record({ adds: fc.boolean(), sids });

describe('WatchList', () => {
  it('is a set of sids in order of insertion, as an array and as a Set', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const list = new WatchList();
        const model = new Set<string>();
        for (const { adds, sids } of steps) {
          if (adds) list.add(sids);
          else list.remove(sids);
          for (const sid of sids) {
            if (adds) model.add(sid);
            else model.delete(sid);
          }
          expect([...list]).toEqual([...model]);
          expect(list.size).toBe(model.size);
          for (const sid of sids) expect(list.has(sid)).toBe(model.has(sid));
        }
      }),
    );
  });
});
