import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
const named = [...page.matchAll(/`((?:apps|libs|test|scripts)\/[\w./-]+)`/g)].flatMap(
  ([, path]) => path ?? [],
);

describe('docs/architecture.md', () => {
  it.each([...new Set(named)])('names %s, which exists', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
  });

  it('follows a connect and a change of the flag through at least ten and six files', () => {
    const steps = (heading: string): number =>
      page
        .split(`## ${heading}`)[1]
        ?.split('\n## ')[0]
        ?.match(/^\d+\. /gm)?.length ?? 0;
    expect(steps('A client connects')).toBeGreaterThanOrEqual(10);
    expect(steps("A Service's flag changes")).toBeGreaterThanOrEqual(6);
  });
});
