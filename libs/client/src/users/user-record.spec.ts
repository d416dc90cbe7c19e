import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyState,
  applyDeletion,
  newRecord,
  updateReasons,
  applyServiceChange,
  invalidated,
  type UserRecord,
} from './user-record.ts';

const at = (position: number, epoch = 'e') => `${epoch}:${String(position).padStart(6, '0')}`;
const answer = (position: number, isOnline: boolean | null = true, epoch = 'e') => ({
  sid: 'US1',
  is_online: isOnline,
  is_notifiable: isOnline === null ? null : false,
  version: at(position, epoch),
});
const record = (position: number, isOnline: boolean | null = true): UserRecord =>
  newRecord('alice', answer(position, isOnline));

describe('what is known of a User', () => {
  it('follows a later answer', () => {
    expect(applyState(record(1), answer(2, false))).toMatchObject({
      isOnline: false,
      version: at(2),
    });
  });

  it.each([1, 2])('never goes back to an answer that is no later', (position) => {
    const known = record(2);
    expect(applyState(known, answer(position, false))).toBe(known);
  });

  it('follows an answer of another store, wherever that stands', () => {
    expect(applyState(record(2), answer(1, false, 'f')).version).toBe(at(1, 'f'));
  });

  it('follows any answer once it is void, and shows what it did until then', () => {
    const known = invalidated(record(5));
    expect(known.isOnline).toBe(true);
    expect(applyState(known, answer(1, false)).isOnline).toBe(false);
  });

  it('is null once the Service was switched, until a later answer', () => {
    const known = applyServiceChange(record(1), at(2));
    expect(known).toMatchObject({ isOnline: null, isNotifiable: null });
    expect(applyState(known, answer(1)).isOnline).toBeNull();
    expect(applyState(known, answer(3)).isOnline).toBe(true);
  });

  it('is left as it is by a switch that an answer has overtaken', () => {
    const known = record(3);
    expect(applyServiceChange(known, at(2))).toBe(known);
  });

  it('is deleted by a deletion, and comes back by a later answer', () => {
    const known = applyDeletion(record(1), at(2));
    expect(updateReasons(record(1), known)).toEqual([
      'reachabilityOnline',
      'reachabilityNotifiable',
      'deleted',
    ]);
    expect(updateReasons(known, applyState(known, answer(3, null)))).toEqual(['restored']);
  });

  it('ends the same in whatever order the words of one store arrive, any of them twice', () => {
    const words = fc.uniqueArray(
      fc.record({
        position: fc.integer({ min: 1, max: 50 }),
        kind: fc.constantFrom('online', 'offline', 'gone', 'switched'),
      }),
      { selector: ({ position }) => position, minLength: 1 },
    );
    const orders = words.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length })),
    );
    fc.assert(
      fc.property(orders, ([all, order]) => {
        const hear = (known: UserRecord, { position, kind }: (typeof all)[number]) => {
          if (kind === 'gone') return applyDeletion(known, at(position));
          if (kind === 'switched') return applyServiceChange(known, at(position));
          return applyState(known, answer(position, kind === 'online'));
        };
        const last = all.reduce((a, b) => (a.position > b.position ? a : b));
        const heard = [...order, last].reduce(hear, record(0));
        expect(heard.version).toBe(at(last.position));
        if (last.kind === 'online') expect(heard.isOnline).toBe(true);
        if (last.kind === 'offline') expect(heard.isOnline).toBe(false);
        if (last.kind === 'gone') expect(heard.isDeleted).toBe(true);
        if (last.kind === 'switched') expect(heard.isOnline).toBeNull();
      }),
    );
  });
});
