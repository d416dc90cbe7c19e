import { describe, expect, it } from '@jest/globals';
import type { RowDifference } from '#projections';
import { MOST_DIFFERENCES, shownDifferences } from './shown-differences.ts';

const difference = (live: string, rebuilt = 'x', columns = 1): RowDifference => ({
  table: 'users',
  key: 'US1',
  kind: 'different',
  columns: Array.from({ length: columns }, (_, index) => ({
    column: `c${index}`,
    live,
    rebuilt,
  })),
});

describe('The differences that a job keeps', () => {
  it('are as they were found while they are few and short', () => {
    const found = [
      difference('a', 'b'),
      { ...difference(''), kind: 'missing', columns: [] } as const,
    ];
    expect(shownDifferences(found)).toEqual(found);
  });

  it('have values of 500 characters at most', () => {
    const [shown] = shownDifferences([difference('a'.repeat(501), 'b'.repeat(500))]);
    expect(shown?.columns).toEqual([
      { column: 'c0', live: `${'a'.repeat(500)}...`, rebuilt: 'b'.repeat(500) },
    ]);
  });

  it('are 100 at most, and fewer where they are large', () => {
    const small = Array.from({ length: MOST_DIFFERENCES + 50 }, () => difference('a'));
    expect(shownDifferences(small)).toHaveLength(MOST_DIFFERENCES);
    const large = Array.from({ length: 100 }, () => difference('a'.repeat(9_000), 'b', 50));
    const shown = shownDifferences(large);
    expect(shown.length).toBeGreaterThan(0);
    expect(JSON.stringify(shown).length).toBeLessThan(200_000);
  });

  it('show no password of a webhook', () => {
    const url = (password: string) =>
      JSON.stringify({ postWebhookUrl: `https://me:${password}@example.com/` });
    const text = JSON.stringify(shownDifferences([difference(url('secret-1'), url('secret-2'))]));
    expect(text).not.toContain('secret');
    expect(text).toContain('(another password)');
  });
});
