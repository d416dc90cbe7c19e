import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGES = globSync(
  ['README.md', 'SECURITY.md', 'docs/**/*.md', 'examples/*.md', 'libs/client/*.md'],
  {
    cwd: ROOT,
  },
);

/** The text of a page without its code, where brackets and `#` mean other things. */
function prose(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```[^]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
}

/** The anchors that GitHub gives to the headings of a page. */
function anchors(page: string): Set<string> {
  const names = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} (.+)$/gm)) {
    const name = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let unique = name;
    for (let count = 1; names.has(unique); count += 1) unique = `${name}-${count}`;
    names.add(unique);
  }
  return names;
}

/** Why a relative link of a page leads nowhere, or null if it resolves. */
function brokenReason(page: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : resolve(dirname(page), decodeURIComponent(path));
  if (relative(ROOT, target).startsWith('..')) return 'is outside the repository';
  if (!existsSync(target)) return 'does not exist';
  if (anchor === undefined) return null;
  if (statSync(target).isDirectory() || !target.endsWith('.md')) return 'has no anchors';
  return anchors(target).has(anchor) ? null : `has no heading #${anchor}`;
}

describe.each(PAGES)('%s', (name) => {
  const page = join(ROOT, name);
  const text = prose(page);

  it('has relative links that resolve, with their anchors', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => [link, brokenReason(page, link)])
      .filter(([, reason]) => reason !== null);
    expect(broken).toEqual([]);
  });

  it('defines the footnotes that it refers to, and no others', () => {
    const defined = [...text.matchAll(/^\[\^([^\]]+)\]:/gm)].map(([, note]) => note);
    const used = [...text.matchAll(/\[\^([^\]]+)\](?!:)/g)].map(([, note]) => note);
    expect([...new Set(used)].sort()).toEqual(defined.sort());
  });
});

it('The index of decisions has every decision, with its title', () => {
  const folder = join(ROOT, 'docs/decisions');
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const entries = globSync('[0-9]*.md', { cwd: folder }).map((file) => {
    const [, title] = /^# (.+)$/m.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    return `[${title}](${file})`;
  });
  expect(entries.filter((entry) => !index.includes(entry))).toEqual([]);
});

it('Each row of the table of failures names drills that exist', () => {
  const page = readFileSync(join(ROOT, 'docs/failures.md'), 'utf8');
  const [, table = ''] = /<!-- failures -->([^]*)<!-- \/failures -->/.exec(page) ?? [];
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  const drills = rows.slice(2).map((row) => row.split('|').at(-2) ?? '');
  expect(drills.length).toBeGreaterThan(20);
  for (const drill of drills) {
    const named = [...drill.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const missing = named.filter(
      (name) => !name.startsWith('npm run chaos') && !existsSync(join(ROOT, name)),
    );
    expect({ drill, missing, named: named.length > 0 }).toEqual({
      drill,
      missing: [],
      named: true,
    });
  }
});
