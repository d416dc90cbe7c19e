import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { secretNames } from '#shared/settings/secrets';
import { readSettings, Settings } from '#shared/settings/settings';
import { startProgram, type Program } from '../../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const envExample = readFileSync(join(ROOT, '.env.example'), 'utf8');

/** Text of a page between `<!-- name -->` and `<!-- /name -->`. */
function section(page: string, name: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const found = new RegExp(`<!-- ${name} -->\n([^]*)<!-- /${name} -->`).exec(text)?.[1];
  if (found === undefined) throw new Error(`${page} has no section ${name}`);
  return found;
}

/** Output of a script, stdout and stderr together. */
function bash(script: string, cwd: string): Promise<string> {
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  return new Promise((done) => {
    execFile('bash', ['--norc', '-c', script], { cwd, env: { PATH } }, (_, stdout, stderr) => {
      done(stdout + stderr);
    });
  });
}

describe('The quickstart of the README', () => {
  const script = /```sh\n([^]*?)```/.exec(section('README.md', 'quickstart'))?.[1] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'reachability-readme-'));
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });

  it('has at most ten lines', () => {
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(10);
  });

  it('prints true, false and null', async () => {
    const printed = await bash(script.replace('http://127.0.0.1:3000', program.url), folder);
    expect(printed).toBe('"is_online":true\n"is_online":false\n"is_online":null\n');
  });
});

describe('The settings', () => {
  const names = Object.keys(new Settings()).sort();
  const rows = [
    ...section('docs/settings.md', 'settings').matchAll(/^\| ([A-Z_]+) +\| (.+?) *\|$/gm),
  ];

  it('are all in the table of docs/settings.md, and no others', () => {
    expect(rows.map(([, name]) => name).sort()).toEqual(names);
  });

  it('have the defaults of the table', () => {
    const shown = new Map(rows.map(([, name = '', text = '']) => [name, text.split(';')[0]]));
    const defaults: [string, unknown][] = Object.entries(readSettings({}));
    for (const [name, value] of defaults.filter(([, value]) => value !== undefined)) {
      if (name !== 'LOG_FORMAT') expect([name, shown.get(name)]).toEqual([name, String(value)]);
    }
  });

  it('are all in .env.example, each with a comment and its default', () => {
    const example = parseEnv(envExample);
    expect(Object.keys(example).sort()).toEqual(names);
    expect(readSettings(example)).toEqual(readSettings({}));
    for (const name of names) expect(envExample).toMatch(new RegExp(`^# .+\\n${name}=`, 'm'));
  });

  it('that are secret have their file in docs/settings.md and in .env.example', () => {
    const files = secretNames().map((name) => `${name}_FILE`);
    const documented = [...section('docs/settings.md', 'secrets').matchAll(/`([A-Z_]+_FILE)`/g)];
    expect(documented.map(([, name]) => name).sort()).toEqual([...files].sort());
    for (const file of files) expect(envExample).toMatch(new RegExp(`^# .*\\b${file}\\b`, 'm'));
  });
});
