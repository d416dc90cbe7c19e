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
const state = (position: number, isOnline: boolean | null = true, epoch = 'e') => ({
  sid: 'US1',
  is_online: isOnline,
  is_notifiable: isOnline === null ? null : false,
  version: at(position, epoch),
});
const record = (position: number, isOnline: boolean | null = true): UserRecord =>
  newRecord('alice', state(position, isOnline));

describe('the record of a User', () => {
  it('takes a later state', () => {
    expect(applyState(record(1), state(2, false))).toMatchObject({
      isOnline: false,
      version: at(2),
    });
  });

  it.each([1, 2])('ignores a state of version %d when it is at version 2', (position) => {
    const known = record(2);
    expect(applyState(known, state(position, false))).toBe(known);
  });

  it('takes any state of another store', () => {
    expect(applyState(record(2), state(1, false, 'f')).version).toBe(at(1, 'f'));
  });

  it('takes any state once it is invalid, and keeps its values until then', () => {
    const known = invalidated(record(5));
    expect(known.isOnline).toBe(true);
    expect(applyState(known, state(1, false)).isOnline).toBe(false);
  });

  it('is null after a change of the Service until a later state', () => {
    const known = applyServiceChange(record(1), at(2));
    expect(known).toMatchObject({ isOnline: null, isNotifiable: null });
    expect(applyState(known, state(1)).isOnline).toBeNull();
    expect(applyState(known, state(3)).isOnline).toBe(true);
  });

  it('ignores a change of the Service that is older than its state', () => {
    const known = record(3);
    expect(applyServiceChange(known, at(2))).toBe(known);
  });

  it('is deleted by a deletion and restored by a later state', () => {
    const known = applyDeletion(record(1), at(2));
    expect(updateReasons(record(1), known)).toEqual([
      'reachabilityOnline',
      'reachabilityNotifiable',
      'deleted',
    ]);
    expect(updateReasons(known, applyState(known, state(3, null)))).toEqual(['restored']);
  });

  it('ends the same if messages of one store arrive in any order and twice', () => {
    const messages = fc.uniqueArray(
      fc.record({
        position: fc.integer({ min: 1, max: 50 }),
        kind: fc.constantFrom('online', 'offline', 'gone', 'switched'),
      }),
      { selector: ({ position }) => position, minLength: 1 },
    );
    const orders = messages.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length })),
    );
    fc.assert(
      fc.property(orders, ([all, order]) => {
        const hear = (known: UserRecord, { position, kind }: (typeof all)[number]) => {
          if (kind === 'gone') return applyDeletion(known, at(position));
          if (kind === 'switched') return applyServiceChange(known, at(position));
          return applyState(known, state(position, kind === 'online'));
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
