import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PUBLIC_URL, type Past } from '../../fixtures/formats/past.ts';
import { Cli } from '../../support/cli.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { hasPostgres, startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const FORMATS = join(import.meta.dirname, '../../fixtures/formats');

type PastInDatabase = Past & { readonly secrets: Readonly<Record<string, string>> };

/** Versions of the program whose files are kept. */
const VERSIONS = globSync('*/answers.json', { cwd: FORMATS }).map((file) => join(file, '..'));

function readJson(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(FORMATS, ...path), 'utf8')) as unknown;
}

let directory: string;
const programs: Program[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'formats-'));
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  rmSync(directory, { recursive: true });
});

async function start(dataDir: string, env: Readonly<Record<string, string>> = {}) {
  const program = await startProgram({ dataDir, env });
  programs.push(program);
  return program;
}

/** Checks that a program knows the past that an older one has written. */
async function expectSameAnswers(program: Program, past: Past): Promise<void> {
  for (const [path, before] of Object.entries(past.answers)) {
    const text = JSON.stringify(before).replaceAll(PUBLIC_URL, program.url);
    const now = await program.get(path);
    expect({ path, ...now.body }).toMatchObject({ path, ...(JSON.parse(text) as JsonObject) });
  }
  for (const sid of past.deliveries.slice(0, 3)) {
    const delivery = await program.get(`/v2/Services/${past.service}/Webhooks/Deliveries/${sid}`);
    expect(delivery.body).toMatchObject({ sid, event_type: 'onUserUpdated' });
  }
}

/** Checks that the deadline of a Connection was read: a lost one would begin anew, and be reached minutes later. */
async function expectExpired(program: Program, { service, connected }: Past): Promise<void> {
  await until('the Connection to expire', async () => {
    const { body } = await program.get(`/v2/Services/${service}/Users/${connected}/Reachability`);
    return body['is_online'] === false || undefined;
  });
}

async function expectKeyWorks(program: Program, { service, apiKey }: Past): Promise<void> {
  if (apiKey === null) return;
  const auth = { username: apiKey.sid, password: apiKey.secret };
  expect((await program.get(`/v2/Services/${service}`, { auth })).status).toBe(200);
  const { accountSid, authToken } = program.credentials;
  const signer = { url: program.url, credentials: { accountSid, authToken, apiKey } };
  const client = connect(signer, accessToken(signer, service, 'erin'));
  expect(await client.next()).toMatchObject({ type: 'ready', identity: 'erin' });
  client.terminate();
}

let newDir: string;
beforeAll(async () => {
  newDir = mkdtempSync(join(tmpdir(), 'formats-new-'));
  await new Cli(newDir).json('services', 'create', 'Billing');
}, 60_000);
afterAll(() => rmSync(newDir, { recursive: true }));

describe.each(VERSIONS)('The files of %s', (version) => {
  const past = readJson(version, 'answers.json') as Past;

  it('in a data directory give the same answers, deadlines, deliveries and keys, and get the tables of new files', async () => {
    const dataDir = join(directory, 'data-dir');
    cpSync(join(FORMATS, version, 'data-dir'), dataDir, { recursive: true });
    const program = await start(dataDir);
    await expectSameAnswers(program, past);
    await expectKeyWorks(program, past);
    await expectExpired(program, past);
    const cli = new Cli(dataDir);
    expect(await cli.run('store', 'verify')).toMatchObject({ code: 0 });
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
    expect(tablesIn(dataDir)).toEqual(tablesIn(newDir));
  });

  it('that were exported are imported, event by event', async () => {
    const file = join(FORMATS, version, 'log.ndjson');
    const cli = new Cli(directory);
    expect(await cli.run('store', 'import', file)).toMatchObject({ code: 0, stderr: '' });
    const again = join(directory, 'again.ndjson');
    await cli.json('store', 'export', again);
    expect(eventsIn(again)).toEqual(eventsIn(file));
  });
});

describe.each(globSync('*/backup', { cwd: FORMATS }))('The backup in %s', (backup) => {
  it('is restored', async () => {
    const from = join(FORMATS, backup);
    const { events } = readJson(backup, 'manifest.json') as { events: number };
    const cli = new Cli(join(directory, 'restored'));
    expect(await cli.json('store', 'restore', from)).toMatchObject({ events });
    expect(await cli.json('store', 'verify')).toMatchObject({ events, errors: 0 });
  });
});

(hasPostgres() ? describe : describe.skip)('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  it.each(globSync('*/database', { cwd: FORMATS }))(
    'as %s has it gives the same answers, deadlines, deliveries and keys',
    async (fixture) => {
      const url = await server.createDatabase();
      const dump = join(FORMATS, fixture, 'dump.sql');
      execFileSync('psql', ['-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', dump, url]);
      const dataDir = join(directory, 'data-dir');
      cpSync(join(FORMATS, fixture), dataDir, { recursive: true });
      const past = readJson(fixture, 'answers.json') as PastInDatabase;
      const program = await start(dataDir, { DATABASE_URL: url, ...past.secrets });
      await expectSameAnswers(program, past);
      await expectKeyWorks(program, past);
      await expectExpired(program, past);
    },
  );
});

/**
 * The columns and indexes of the files of a data directory, by file and table. A change of tables that neither has a new
 * number nor is made in older files shows here.
 */
function tablesIn(dataDir: string): Record<string, unknown> {
  const versions = inFile(join(dataDir, 'read-model.db'), (db) =>
    db.prepare("SELECT name, version FROM versions WHERE state = 'live' ORDER BY name").all(),
  ).map(({ name, version }) => ({
    name: String(name),
    file: `read-model.db.${String(name)}@v${String(version)}`,
  }));
  const files = ['events.db', 'state.db', 'read-model.db'].map((file) => ({ name: file, file }));
  const tables = [...files, ...versions].map(({ name, file }) => {
    const found = inFile(join(dataDir, file), (db) => ({
      columns: db.prepare(COLUMNS).all(),
      indexes: db.prepare(INDEXES).all(),
    }));
    return [name, found] as const;
  });
  return Object.fromEntries(tables);
}

const COLUMNS = `
  SELECT t.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk
  FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY 1, 2`;
const INDEXES = `SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name`;

function inFile<T>(path: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** The events of an export, without positions and checksums, which belong to a store. */
function eventsIn(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1, -1)
    .map((line) => ({ ...(JSON.parse(line) as object), position: null, crc32: null }));
}
