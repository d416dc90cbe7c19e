import { describe, expect, it } from '@jest/globals';
import { compareRows } from './compare-rows.ts';

const rows = (...positions: readonly (number | string)[]) =>
  positions.map((position) => ({ position })).values();

describe('A comparison of rows', () => {
  it.each([
    ['numbers', [9, 10, 11], [10, 11], 9],
    ['texts', ['09', '10', '11'], ['10', '11'], '09'],
  ])('finds the one that is too many where keys are %s', async (_, live, rebuilt, surplus) => {
    const table = { name: 't', key: ['position'], live: rows(...live), rebuilt: rows(...rebuilt) };
    const differences = await Array.fromAsync(compareRows([table]));
    expect(differences).toEqual([
      { table: 't', key: String(surplus), kind: 'surplus', columns: [] },
    ]);
  });
});
