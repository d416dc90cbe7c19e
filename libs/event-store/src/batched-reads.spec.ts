import { describe, expect, it, jest } from '@jest/globals';
import { batchedReads } from './batched-reads.ts';

describe('Batched reads', () => {
  const readAll = jest.fn((keys: readonly string[]) =>
    Promise.resolve(keys.map((key) => `row of ${key}`)),
  );
  const read = batchedReads(readAll);
  const nextTurn = () => new Promise(setImmediate);

  it('make one read of all that is asked for in a turn, and give everybody the row of their key', async () => {
    readAll.mockClear();
    const first = read('a');
    await Promise.resolve();
    const rows = await Promise.all([first, read('b'), read('a')]);
    expect(rows).toEqual(['row of a', 'row of b', 'row of a']);
    expect(readAll.mock.calls).toEqual([[['a', 'b', 'a']]]);
  });

  it('never answer with a read that began before the question', async () => {
    const begun = Promise.withResolvers<string[]>();
    readAll.mockClear().mockReturnValueOnce(begun.promise);
    const first = read('a');
    await nextTurn();
    expect(readAll).toHaveBeenCalledTimes(1);
    expect(await read('a')).toBe('row of a');
    begun.resolve(['an older row']);
    expect(await first).toBe('an older row');
  });

  it('fail together, and are made again for the next question', async () => {
    readAll.mockRejectedValueOnce(new Error('unavailable'));
    const failed = await Promise.allSettled([read('a'), read('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await read('a')).toBe('row of a');
  });
});
