import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { READ_MODEL_SCHEMA } from '#read-model/adapters/read-model-schema';
import { Cli, type CliResult } from '../../support/cli.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NEWEST = join(ROOT, 'test/fixtures/formats/0.1.0-2026-11-29-summary');

let directory: string;
let dataDir: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'formats-newer-'));
  dataDir = join(directory, 'data-dir');
  cpSync(join(NEWEST, 'data-dir'), dataDir, { recursive: true });
  cpSync(join(NEWEST, 'backup'), join(directory, 'backup'), { recursive: true });
  cpSync(join(NEWEST, 'log.ndjson'), join(directory, 'log.ndjson'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs SQL on a file of {@link directory}. */
function change(file: string, sql: string): void {
  const db = new DatabaseSync(join(directory, file));
  db.exec(sql);
  db.close();
}

function replace(file: string, text: string | RegExp, by: string): void {
  const path = join(directory, file);
  const before = readFileSync(path, 'utf8');
  expect(before).toMatch(text);
  writeFileSync(path, before.replace(text, by));
}

/** Starts the server on the data directory; it is expected to end at once. */
async function startServer(): Promise<CliResult> {
  const settings = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, [join(ROOT, 'dist/apps/api/src/main.js')], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  await once(child, 'exit');
  const [stdout, stderr] = await output;
  return { code: child.exitCode, stdout, stderr };
}

/** A refusal is one line on standard error, and nothing on standard output. */
const refusal = (code: number, line: string): CliResult => ({
  code,
  stdout: '',
  stderr: `${line.replace('DIR', directory)}\n`,
});

describe.each([
  {
    file: 'events.db',
    line: 'Cannot open DIR/data-dir/events.db: The file has schema version 2; this program knows 1',
    bump: () => change('data-dir/events.db', 'UPDATE meta SET schema_version = 2'),
  },
  {
    file: 'read-model.db',
    line: `The read model has tables of a newer program: number 1000 instead of ${READ_MODEL_SCHEMA}`,
    bump: () =>
      change('data-dir/read-model.db', "UPDATE meta SET value = '1000' WHERE key = 'schema'"),
  },
  {
    file: 'state.db',
    line: 'Operational state has tables of a newer program: number 2 instead of 1',
    bump: () => change('data-dir/state.db', 'PRAGMA user_version = 2'),
  },
  {
    file: 'credentials.json',
    line: 'DIR/data-dir/credentials.json has format 2, of a newer program; this one reads 1',
    bump: () => replace('data-dir/credentials.json', '"format": 1', '"format": 2'),
  },
])('A newer $file', ({ file, line, bump }) => {
  it('is refused in one line by the server and by a command, and stays as it is', async () => {
    bump();
    const before = readFileSync(join(dataDir, file));
    expect(await startServer()).toEqual(refusal(1, line));
    expect(await new Cli(dataDir).run('services', 'list', '--json')).toEqual(refusal(3, line));
    expect(readFileSync(join(dataDir, file)).equals(before)).toBe(true);
  });
});

describe('A newer file that a command reads', () => {
  const into = (): Cli => new Cli(join(directory, 'new'));

  it('is refused in one line: the manifest of a backup', async () => {
    replace('backup/manifest.json', '"format": 1', '"format": 2');
    expect(await into().run('store', 'restore', join(directory, 'backup'))).toEqual(
      refusal(3, 'DIR/backup/manifest.json has format 2, of a newer program; this one reads 1'),
    );
  });

  it('is refused in one line: the log in a backup', async () => {
    change('backup/events.db', 'UPDATE meta SET schema_version = 2');
    expect(await into().run('store', 'restore', join(directory, 'backup'))).toEqual(
      refusal(3, 'The file has schema version 2; this program knows 1'),
    );
  });

  it('is refused in one line: an export', async () => {
    replace('log.ndjson', /"version":\d/, '"version":3');
    const file = join(directory, 'log.ndjson');
    expect(await into().run('store', 'import', file)).toEqual(
      refusal(
        3,
        'Cannot import DIR/log.ndjson: The file has format version 3, of a newer program; this one reads 2. Nothing was written.',
      ),
    );
  });
});
