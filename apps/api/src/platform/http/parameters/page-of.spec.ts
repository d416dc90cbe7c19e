import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Page, PageCursor } from '#read-model';
import { pageOf, type Placed } from './page-of.ts';

describe('A page of a list in memory', () => {
  it('follows the one before it, forwards and backwards, without a gap or a repetition', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (rows, size) => {
          const forwards: number[] = [];
          const firsts: string[] = [];
          let cursor: PageCursor | null = { after: null };
          while (cursor !== null) {
            const page: Page<Placed<number>> = pageOf(rows, { cursor, size });
            expect(page.hasPrevious).toBe(forwards.length > 0);
            forwards.push(...page.rows.map(({ row }) => row));
            firsts.push(page.rows[0]?.place ?? '0');
            const last = page.rows.at(-1);
            cursor = page.hasNext && last !== undefined ? { after: last.place } : null;
          }
          expect(forwards).toEqual(rows);
          for (const [index, first] of firsts.slice(1).entries()) {
            const before = pageOf(rows, { cursor: { before: first }, size });
            expect(before.rows[0]?.place).toBe(firsts[index]);
            expect(before.hasNext).toBe(true);
          }
        },
      ),
    );
  });

  it('after the end of the list is empty', () => {
    const page = pageOf([1, 2], { cursor: { after: '99' }, size: 5 });
    expect(page).toMatchObject({ rows: [], hasNext: false });
  });
});
