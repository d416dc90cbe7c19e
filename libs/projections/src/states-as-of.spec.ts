import { describe, expect, it } from '@jest/globals';
import { InMemoryEventStore } from '../../../test/support/in-memory-event-store.ts';
import { tallied, tallyProjection } from '../../../test/support/tally-projection.ts';
import { StatesAsOf } from './states-as-of.ts';

describe('The state of a key before a position', () => {
  it('is that of the log, where two keys look each other up', async () => {
    const log = new InMemoryEventStore();
    await log.append('a', 'no_stream', [tallied({ amount: 1 })]);
    await log.append('b', 'no_stream', [tallied({ amount: 1, from: 'a' })]); // b: 1 + 1
    await log.append('a', 0, [tallied({ amount: 1 })]);
    await log.append('a', 1, [tallied({ amount: 1, from: 'b' })]); // a: 2 + 1 + 2
    await log.append('a', 2, [tallied({ amount: 1 })]);
    const { position } = await log.append('c', 'no_stream', [tallied({ amount: 1, from: 'a' })]);
    const states = new StatesAsOf(tallyProjection(), log, []);
    expect(await states.stateBefore('a', position)).toMatchObject({ sum: 6 });
    expect(await states.stateBefore('b', position)).toMatchObject({ sum: 2 });
    await states.close();
  });
});
