import { describe, expect, it } from '@jest/globals';
import { WorkingStates, type Entry } from './working-states.ts';

interface Count {
  readonly count: number;
}

/** Adds one to the state of each key, and returns the keys that were missing. */
function increment(states: WorkingStates<Count>, ...keys: readonly string[]): string[] {
  const missing: Entry<Count>[] = [];
  for (const key of keys) {
    const entry = states.request(key, missing);
    states.change(entry, { count: (entry.state?.count ?? 0) + 1 });
  }
  return missing.map(({ key }) => key);
}

describe('Working states', () => {
  it('lists each change since the last write once, in order of keys, with what is written', () => {
    const states = new WorkingStates<Count>();
    increment(states, 'b', 'a', 'b');
    expect(states.changes()).toEqual([
      ['a', { count: 1 }, null],
      ['b', { count: 2 }, null],
    ]);
    states.markWritten(10);
    expect(states.changed).toBe(0);
    expect(states.changes()).toEqual([]);
    increment(states, 'b', 'b');
    expect(states.changes()).toEqual([['b', { count: 4 }, { count: 2 }]]);
  });

  it('remembers that nothing is kept for a key', () => {
    const states = new WorkingStates<Count>();
    increment(states, 'a');
    const missing: Entry<Count>[] = [];
    states.change(states.request('a', missing), null);
    expect(states.changes()).toEqual([['a', null, null]]);
    expect(states.request('a', missing).state).toBeNull();
    expect(missing).toEqual([]);
  });

  it('keeps the stripped part of a written state', () => {
    const states = new WorkingStates<Count>();
    increment(states, 'a');
    states.markWritten(10, () => ({ count: 100 }));
    increment(states, 'a');
    expect(states.changes()).toEqual([['a', { count: 101 }, { count: 100 }]]);
  });

  it('drops a state that was not requested since the write before, when the cache is full', () => {
    const states = new WorkingStates<Count>();
    increment(states, 'a', 'b');
    states.markWritten(1);
    increment(states, 'b', 'c');
    states.markWritten(1);
    expect(increment(states, 'a', 'b', 'c')).toEqual(['a']);
  });

  it('keeps every state while the cache is not full', () => {
    const states = new WorkingStates<Count>();
    increment(states, 'a', 'b');
    states.markWritten(2);
    states.markWritten(2);
    expect(increment(states, 'a', 'b')).toEqual([]);
  });
});
