import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
/** Scripts of packages run the Node of this checkout. */
const PATH = [dirname(NODE), process.env['PATH']].join(':');

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('A dry run of a release', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  let checkout: string;

  /** A repository with the files of this one, whose changelog is ready for the release. */
  beforeAll(() => {
    checkout = mkdtempSync(join(tmpdir(), 'release-'));
    const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
    for (const file of files.split('\0').filter((name) => name !== '')) {
      if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(checkout, file));
    }
    cpSync(join(ROOT, 'dist'), join(checkout, 'dist'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    replace('CHANGELOG.md', /^## Unreleased$/m, `## ${version} - 2026-11-29`);
    replace('.gitignore', /^node_modules$/m, '/node_modules');
    git('init', '-q', '-b', 'main');
    commit();
  }, 60_000);
  afterAll(() => rmSync(checkout, { recursive: true }));
  beforeEach(() => git('checkout', '-q', '-f', 'main'));

  function git(...args: readonly string[]): void {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    execFileSync('git', [...identity, ...args], { cwd: checkout });
  }

  function commit(): void {
    git('add', '-A');
    git('commit', '-q', '-m', 'Prepare');
  }

  function replace(file: string, text: RegExp, by: string): void {
    const path = join(checkout, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(text, by));
  }

  /** Replaces a text, and commits it until the end of `work`. */
  async function withCommitted(
    file: string,
    text: RegExp,
    by: string,
    work: () => Promise<void>,
  ): Promise<void> {
    replace(file, text, by);
    commit();
    try {
      await work();
    } finally {
      git('reset', '-q', '--hard', 'HEAD~1');
    }
  }

  async function release(...args: readonly string[]): Promise<Result> {
    const command = ['scripts/release.ts', '--without-image', ...args];
    const env = { PATH, HOME: checkout };
    try {
      const done = await promisify(execFile)(NODE, command, { cwd: checkout, env });
      return { code: 0, ...done };
    } catch (error) {
      return error as Result;
    }
  }

  const failures = ({ stdout }: Result): string[] =>
    stdout.split('\n').filter((line) => line.startsWith('failed'));

  it('makes and checks everything but the image, and keeps nothing', async () => {
    const result = await release('--dry-run');
    expect(failures(result)).toEqual([]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^passed +program +reachability --version$/m);
    expect(result.stdout).toMatch(/^passed +SBOM +\d+ packages, \d+ KiB$/m);
    expect(result.stdout).toMatch(/^passed +client +reachability-client-\S+\.tgz, \d+ KiB/m);
    expect(result.stdout).toMatch(/^skipped +image +the image was not built/m);
    expect(result.stdout).toContain(`${version} could be made: 10 checks passed, 0 failed, 2 were`);
    expect(execFileSync('git', ['tag'], { cwd: checkout, encoding: 'utf8' })).toBe('');
    expect(existsSync(join(checkout, 'release'))).toBe(false);
  });

  it.each([
    [
      'CHANGELOG.md',
      new RegExp(`^## ${version}`, 'm'),
      '## 99.0.0',
      `CHANGELOG.md: its top section is 99.0.0, package.json has ${version}`,
    ],
    [
      'CHANGELOG.md',
      / - 2026-11-29$/m,
      '',
      `CHANGELOG.md: the section ${version} has no date, as in 2026-11-29`,
    ],
    [
      'libs/client/package.json',
      /"version": "[^"]+"/,
      '"version": "99.0.0"',
      `libs/client/package.json has version 99.0.0, package.json ${version}`,
    ],
  ])('fails with one line that names the file: %s', async (file, text, by, line) => {
    await withCommitted(file, text, by, async () => {
      const result = await release('--dry-run');
      expect(result.code).toBe(1);
      expect(failures(result)).toEqual([expect.stringContaining(line)]);
      expect(result.stdout).not.toContain('client-');
    });
  });

  it('fails on another branch, with a file that is not committed, and where the tag exists', async () => {
    git('checkout', '-q', '-b', 'feature');
    git('tag', `v${version}`);
    writeFileSync(join(checkout, 'new.txt'), '');
    const result = await release('--dry-run');
    rmSync(join(checkout, 'new.txt'));
    git('tag', '-d', `v${version}`);
    expect(result.code).toBe(1);
    expect(failures(result)).toEqual([
      expect.stringMatching(/the branch is feature, not main$/),
      expect.stringMatching(/new\.txt is not committed$/),
      expect.stringMatching(new RegExp(`the tag v${version} exists$`)),
    ]);
  });
});
