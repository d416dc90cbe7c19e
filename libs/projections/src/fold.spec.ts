import { describe, expect, it } from '@jest/globals';
import type { NewEvent, RecordedEvent } from '#event-store';
import {
  POISON,
  tallied,
  tallyProjection,
  type Tally,
} from '../../../test/support/tally-projection.ts';
import { START, type Checkpoint } from './projection-store.ts';
import { effectiveTime, foldBatch, type FoldedBatch } from './fold.ts';
import { ProjectionError } from './projection-error.ts';

const T1 = '2026-03-04T05:00:00.001Z';
const T2 = '2026-03-04T05:00:00.002Z';
const T3 = '2026-03-04T05:00:00.003Z';

/** Events of a log from its beginning. */
function recorded(
  ...events: readonly (readonly [stream: string, event: NewEvent])[]
): RecordedEvent[] {
  return events.map(([stream, event], index) => ({
    ...event,
    stream,
    revision: events.slice(0, index).filter(([before]) => before === stream).length,
    position: String(index + 1).padStart(4, '0'),
  }));
}

/** Folds over `states`, counting how often each key was loaded. */
async function fold(
  events: readonly RecordedEvent[],
  states: ReadonlyMap<string, Tally> = new Map(),
  from: Checkpoint = START,
): Promise<FoldedBatch<Tally> & { readonly loaded: readonly string[] }> {
  const loaded: string[] = [];
  const load = (keys: readonly string[]): Promise<ReadonlyMap<string, Tally>> => {
    loaded.push(...keys);
    return Promise.resolve(states);
  };
  return { ...(await foldBatch(tallyProjection(), load, events, from)), loaded };
}

const failureOf = (folding: Promise<unknown>): Promise<unknown> =>
  folding.then(
    () => null,
    (error: unknown) => error,
  );

describe('Folding a batch', () => {
  it('loads and writes each key once, however many events it has', async () => {
    const { loaded, changes } = await fold(
      recorded(
        ['a', tallied({ amount: 1 })],
        ['b', tallied({ amount: 10, from: 'a' })],
        ['a', tallied({ amount: 2, from: 'b' })],
        ['a', tallied({ amount: 4 })],
      ),
    );
    expect([...loaded].sort()).toEqual(['a', 'b']);
    expect([...changes].map(([key, tally]) => [key, tally?.sum])).toEqual([
      ['a', 18],
      ['b', 11],
    ]);
    expect(changes.get('a')?.revisions).toEqual([0, 1, 2]);
  });

  it('continues from the loaded states', async () => {
    const before = new Map([['a', { sum: 100, revisions: [], effectiveAt: T1 }]]);
    const { changes } = await fold(recorded(['a', tallied({ amount: 1 })]), before);
    expect(changes.get('a')?.sum).toBe(101);
  });

  it('looks up the state of another key at the event, not at the end of the batch', async () => {
    const { changes } = await fold(
      recorded(
        ['a', tallied({ amount: 1 })],
        ['b', tallied({ amount: 0.5, from: 'a' })],
        ['a', tallied({ amount: 1 })],
      ),
    );
    expect(changes.get('b')?.sum).toBe(1.5);
  });

  it('writes no key that was only looked up', async () => {
    const states = new Map([['other', { sum: 7, revisions: [], effectiveAt: T1 }]]);
    const { changes } = await fold(recorded(['a', tallied({ amount: 1, from: 'other' })]), states);
    expect([...changes.keys()]).toEqual(['a']);
    expect(changes.get('a')?.sum).toBe(8);
  });

  it('returns null for a key without a state', async () => {
    const { changes } = await fold(
      recorded(['a', tallied({ amount: 1 })], ['a', tallied({ amount: 0 })]),
    );
    expect([...changes]).toEqual([['a', null]]);
  });

  it('starts a key anew that was deleted in the same batch', async () => {
    const { changes } = await fold(
      recorded(
        ['a', tallied({ amount: 1 })],
        ['a', tallied({ amount: 0 })],
        ['a', tallied({ amount: 5 })],
      ),
    );
    expect(changes.get('a')).toMatchObject({ sum: 5, revisions: [2] });
  });

  it('never moves the effective time back, within a batch or between batches', async () => {
    const { changes, checkpoint } = await fold(
      recorded(
        ['a', tallied({ amount: 1 }, T1)],
        ['b', tallied({ amount: 1 }, T3)],
        ['c', tallied({ amount: 1 }, T2)],
      ),
      new Map(),
      { ...START, position: '0000', effectiveAt: T2 },
    );
    expect([...changes.values()].map((tally) => tally?.effectiveAt)).toEqual([T2, T3, T3]);
    expect(checkpoint).toMatchObject({ position: '0003', effectiveAt: T3, generation: 0 });
    expect(effectiveTime(null, { occurredAt: T1 })).toBe(T1);
  });

  it('leaves the checkpoint unchanged without events', async () => {
    const from = { ...START, position: '0007', effectiveAt: T2 };
    expect(await fold([], new Map(), from)).toMatchObject({ checkpoint: from, changes: new Map() });
  });

  it('names stream, revision, position and type of an event that cannot be folded', async () => {
    const events = recorded(
      ['a', tallied({ amount: 1 })],
      ['b', tallied({ amount: 1 })],
      ['b', tallied({ amount: POISON })],
    );
    const error = await failureOf(fold(events));
    expect(error).toBeInstanceOf(ProjectionError);
    expect(error).toMatchObject({
      code: 'PROJECTION.FAILED',
      event: { stream: 'b', revision: 1, position: '0003', type: 'Tallied' },
      message: 'tally cannot fold Tallied at b@1 (position 0003): thirteen is bad luck',
      cause: new Error('thirteen is bad luck'),
    });
  });

  it.each([
    ['of an unknown type', { type: 'Multiplied' }],
    ['of a newer version', { schemaVersion: 2 }],
    ['with a payload of another shape', { data: { amount: 'much' } }],
  ])('names an event %s in the same way', async (_, change) => {
    const events = recorded(['a', { ...tallied({ amount: 1 }), ...change }]);
    const { type } = { type: 'Tallied', ...change };
    expect(await failureOf(fold(events))).toMatchObject({
      name: 'ProjectionError',
      event: { stream: 'a', revision: 0, position: '0001', type },
    });
  });
});
