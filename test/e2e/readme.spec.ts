import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getMetadataStorage } from 'class-validator';
import { readSettings, Settings } from '#shared/settings/settings';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const envExample = readFileSync(join(ROOT, '.env.example'), 'utf8');

/** What stands between `<!-- name -->` and `<!-- /name -->`. */
function section(name: string): string {
  const found = new RegExp(`<!-- ${name} -->\n([^]*)<!-- /${name} -->`).exec(readme)?.[1];
  if (found === undefined) throw new Error(`README.md has no section ${name}`);
  return found;
}

/** What a script prints, both on stdout and on stderr. */
function bash(script: string, cwd: string): Promise<string> {
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  return new Promise((done) => {
    execFile('bash', ['--norc', '-c', script], { cwd, env: { PATH } }, (_, stdout, stderr) => {
      done(stdout + stderr);
    });
  });
}

describe('The quickstart of the README', () => {
  const script = /```sh\n([^]*?)```/.exec(section('quickstart'))?.[1] ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'reachability-readme-'));
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await program.stop();
    rmSync(folder, { recursive: true });
  });

  it('takes at most ten lines', () => {
    expect(script.trim().split('\n').length).toBeLessThanOrEqual(10);
  });

  it('leads from nothing to true, false and null', async () => {
    const printed = await bash(script.replace('http://127.0.0.1:3000', program.url), folder);
    expect(printed).toBe('"is_online":true\n"is_online":false\n"is_online":null\n');
  });
});

function givenValues(settings: Settings): [string, unknown][] {
  const entries: [string, unknown][] = Object.entries(settings);
  return entries.filter(([, value]) => value !== undefined);
}

describe('The settings', () => {
  const names = [
    ...new Set(
      getMetadataStorage()
        .getTargetValidationMetadatas(Settings, '', false, false)
        .map(({ propertyName }) => propertyName),
    ),
  ].sort();

  it('stand in the table of the README, all of them and no others', () => {
    const rows = [...section('settings').matchAll(/^\| ([A-Z_]+) /gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(names);
  });

  it('have the defaults that the table tells', () => {
    const told = new Map(
      [...section('settings').matchAll(/^\| ([A-Z_]+) +\| (.+?) *\|$/gm)].map(
        ([, name = '', text = '']) => [name, text.split(';')[0]],
      ),
    );
    for (const [name, value] of givenValues(readSettings({}))) {
      if (name !== 'LOG_FORMAT') expect([name, told.get(name)]).toEqual([name, String(value)]);
    }
  });

  it('stand in .env.example, each with a comment and its default', () => {
    const example = parseEnv(envExample);
    expect(Object.keys(example).sort()).toEqual(names);
    expect(readSettings(example)).toEqual(readSettings({}));
    for (const name of names) expect(envExample).toMatch(new RegExp(`^# .+\\n${name}=`, 'm'));
  });
});
