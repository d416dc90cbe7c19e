import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WorkingStates, type Entry } from './working-states.ts';

interface Count {
  readonly count: number;
}

/** States that can be packed, and how often that has been done. */
function counting() {
  const done = { packed: 0, unpacked: 0 };
  const packing = {
    pack: ({ count }: Count): string => {
      done.packed += 1;
      return String(count);
    },
    unpack: (_: string, packed: string): Count => {
      done.unpacked += 1;
      return { count: Number(packed) };
    },
  };
  return { packing, done };
}

/** Adds one to each key, all in one round. */
function round(states: WorkingStates<Count>, ...keys: readonly string[]): string[] {
  const missing: Entry<Count>[] = [];
  for (const key of keys) {
    const entry = states.need(key, missing);
    states.change(entry, { count: (entry.state?.count ?? 0) + 1 });
  }
  states.nextRound();
  return missing.map(({ key }) => key);
}

describe('Working states', () => {
  it('packs those that were not needed for the longest time, and unpacks them when they are', () => {
    const { packing, done } = counting();
    const states = new WorkingStates(2, packing);
    round(states, 'a');
    round(states, 'b');
    round(states, 'a');
    round(states, 'c');
    expect(done).toEqual({ packed: 1, unpacked: 0 });
    round(states, 'a', 'c');
    expect(done).toEqual({ packed: 1, unpacked: 0 });
    expect(round(states, 'b')).toEqual([]);
    expect(done).toMatchObject({ unpacked: 1 });
    expect([...states.changes()]).toEqual([
      ['a', { count: 3 }],
      ['b', { count: 2 }],
      ['c', { count: 2 }],
    ]);
  });

  it('packs nothing where the projection does not say how', () => {
    const states = new WorkingStates<Count>(0);
    round(states, 'a');
    round(states, 'b');
    expect(states.get('a')).toEqual({ count: 1 });
  });

  it('remembers that nothing is kept for a key', () => {
    const { packing } = counting();
    const states = new WorkingStates(0, packing);
    round(states, 'a');
    const missing: Entry<Count>[] = [];
    states.change(states.need('a', missing), null);
    states.nextRound();
    round(states, 'b');
    round(states, 'c');
    expect([...states.changes()]).toContainEqual(['a', null]);
    expect(states.need('a', missing).state).toBeNull();
    expect(missing).toEqual([]);
  });

  it('leaves of what is written what is to be left, packed or not', () => {
    const { packing } = counting();
    const states = new WorkingStates(1, packing);
    round(states, 'a');
    round(states, 'b');
    round(states, 'c');
    states.written(10, () => ({ count: 100 }));
    expect(states.changed).toBe(0);
    expect([...states.changes()]).toEqual([]);
    round(states, 'a', 'c');
    expect([...states.changes()]).toEqual([
      ['a', { count: 101 }],
      ['c', { count: 101 }],
    ]);
  });

  it('lets go of what was not needed since the last time, once there is more than is to be kept', () => {
    const { packing } = counting();
    const states = new WorkingStates(1, packing);
    round(states, 'a');
    round(states, 'b');
    states.written(1);
    round(states, 'b', 'c');
    states.written(1);
    expect(round(states, 'a', 'b', 'c')).toEqual(['a']);
  });

  it('come to the same however few are kept unpacked', () => {
    const rounds = fc.array(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 4 }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rounds, fc.nat(4), fc.nat(30), (rounds, mostUnpacked, writtenAfter) => {
        const states = new WorkingStates(mostUnpacked, counting().packing);
        const plain = new WorkingStates<Count>();
        rounds.forEach((keys, index) => {
          for (const each of [states, plain]) {
            round(each, ...keys);
            if (index === writtenAfter) each.written(10);
          }
        });
        expect([...states.changes()]).toEqual([...plain.changes()]);
      }),
    );
  });
});
