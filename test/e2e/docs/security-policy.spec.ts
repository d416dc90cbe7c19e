import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
const policy = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');
const rows = policy.split('\n').filter((line) => /^\| API\d+ /.test(line));
const testsOf = (text: string): string[] =>
  [...text.matchAll(/`((?:apps|libs|test)\/[^`]+)`/g)].map(([, path = '']) => path);

describe('SECURITY.md', () => {
  it('has each of the ten risks, with a test', () => {
    const risks = rows.map((row) => Number(/^\| API(\d+) /.exec(row)?.[1]));
    expect(risks).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const row of rows) {
      expect([row, testsOf(row).some((path) => path.endsWith('.spec.ts'))]).toEqual([row, true]);
    }
  });

  it('names files that exist', () => {
    const missing = testsOf(policy).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });
});
