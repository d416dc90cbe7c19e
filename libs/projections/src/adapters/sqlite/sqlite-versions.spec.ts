import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreUnavailableError, LogRestoredError } from '#event-store';
import { START, type Checkpoint } from '../../projection-store.ts';
import type { ProjectionStore } from '../../projection-store.ts';
import { text } from '../columns.ts';
import { ForeignReadModelError } from '../claim-epoch.ts';
import { NewerReadModelError } from '../claim-schema.ts';
import { ProjectionRegistry } from './projection-registry.ts';
import { SqliteVersions } from './sqlite-versions.ts';
import type { SqliteTables } from './version-file.ts';

/** Words by key, one row each; the word `bad` cannot be written. */
const WORDS = {
  name: 'words',
  schema:
    "CREATE TABLE words (key TEXT PRIMARY KEY, word TEXT NOT NULL CHECK (word <> 'bad')) STRICT",
  indexes: 'CREATE INDEX IF NOT EXISTS words_by_word ON words (word)',
  tables: (db: DatabaseSync): SqliteTables<string> => ({
    load: (keys) => {
      const rows = db.prepare('SELECT * FROM words').all();
      const all = rows.map((row) => [text(row, 'key'), text(row, 'word')] as const);
      return new Map(all.filter(([key]) => keys.includes(key)));
    },
    save: (changes) => {
      for (const [key, word] of changes) {
        if (word === null) db.prepare('DELETE FROM words WHERE key = ?').run(key);
        else db.prepare('INSERT OR REPLACE INTO words VALUES (?, ?)').run(key, word);
      }
    },
  }),
};

const at = (position: string): Checkpoint => ({
  ...START,
  position,
  effectiveAt: `2026-03-04T05:06:0${position}.000Z`,
});

let directory: string;
const opened: { close: () => void }[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'versions-'));
});

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) each.close();
  await rm(directory, { recursive: true });
});

/** The live rows as another process opens them. */
function open(epoch = 'epoch', formerEpochs?: readonly string[]): ProjectionStore<string> {
  return openVersions(epoch, formerEpochs).versions.live();
}

function openVersions(epoch = 'epoch', formerEpochs?: readonly string[], schema = 1) {
  const path = join(directory, 'read-model.db');
  const registry = new ProjectionRegistry(path, epoch, formerEpochs, schema);
  opened.push(registry);
  const versions = new SqliteVersions(registry, WORDS);
  opened.push(versions);
  return { registry, versions };
}

const loaded = async (rows: ProjectionStore<string>): Promise<Record<string, string>> =>
  Object.fromEntries(await rows.load(['a', 'b', 'c']));

describe('The rows of a version', () => {
  it('are empty at the start of the log', async () => {
    const rows = open();
    expect(await rows.checkpoint()).toEqual(START);
    expect(await loaded(rows)).toEqual({});
  });

  it('and their checkpoint are visible to other processes once committed', async () => {
    const rows = open();
    const others = open();
    const changes = new Map([
      ['a', 'one'],
      ['b', 'two'],
    ]);
    expect(await rows.commit(START, at('1'), changes)).toBe(true);
    expect(
      await rows.commit(
        at('1'),
        at('2'),
        new Map([
          ['a', null],
          ['c', 'three'],
        ]),
      ),
    ).toBe(true);
    expect(await others.checkpoint()).toEqual(at('2'));
    expect(await loaded(others)).toEqual({ b: 'two', c: 'three' });
  });

  it('are unchanged after a commit with an old checkpoint', async () => {
    const [rows, others] = [open(), open()];
    await others.commit(START, at('1'), new Map([['a', 'theirs']]));
    expect(await rows.commit(START, at('2'), new Map([['a', 'ours']]))).toBe(false);
    expect(await rows.checkpoint()).toEqual(at('1'));
    expect(await loaded(rows)).toEqual({ a: 'theirs' });
  });

  it('are unchanged after a commit that fails midway', async () => {
    const rows = open();
    await rows.commit(START, at('1'), new Map([['a', 'one']]));
    const changes = new Map([
      ['a', 'two'],
      ['b', 'bad'],
    ]);
    await expect(rows.commit(at('1'), at('2'), changes)).rejects.toThrow('CHECK');
    expect(await rows.checkpoint()).toEqual(at('1'));
    expect(await loaded(rows)).toEqual({ a: 'one' });
    expect(await rows.commit(at('1'), at('2'), new Map([['b', 'two']]))).toBe(true);
  });

  it('are kept across a restart', async () => {
    await open().commit(START, at('1'), new Map([['a', 'one']]));
    for (const each of opened.splice(0).reverse()) each.close();
    const rows = open();
    expect(await rows.checkpoint()).toEqual(at('1'));
    expect(await loaded(rows)).toEqual({ a: 'one' });
  });

  it('of another event store are refused', () => {
    open('this store');
    expect(() => open('another store')).toThrow(ForeignReadModelError);
    expect(() => open('another store')).toThrow(/Delete .* to rebuild it/);
  });

  it('of a former epoch are discarded, with their versions, and their owner gets no others', async () => {
    const former = openVersions('first');
    const rows = former.versions.live();
    await rows.commit(START, at('1'), new Map([['a', 'one']]));
    former.registry.skip('words', { stream: 'a', revision: 0 });
    const { versions, registry } = openVersions('second', ['first']);
    const renewed = versions.live();
    expect([await renewed.checkpoint(), await loaded(renewed)]).toEqual([START, {}]);
    expect((await versions.status()).map(({ version, state }) => [version, state])).toEqual([
      [2, 'live'],
    ]);
    expect(registry.skipped('words')).toEqual([]);
    await expect(rows.checkpoint()).rejects.toThrow(EventStoreUnavailableError);
    await expect(rows.commit(at('1'), at('2'), new Map())).rejects.toThrow(
      EventStoreUnavailableError,
    );
  });

  it('with tables of an older program are made anew, and what was skipped stays skipped', async () => {
    const older = openVersions();
    await older.versions.live().commit(START, at('1'), new Map([['a', 'one']]));
    await older.versions.skip({ stream: 'a', revision: 3 });
    const rows = openVersions('epoch', [], 2).versions.live();
    expect(await rows.checkpoint()).toEqual(START);
    expect(await loaded(rows)).toEqual({});
    expect(await rows.deadLetters()).toMatchObject({ skipped: [{ stream: 'a', revision: 3 }] });
    await rows.commit(START, at('2'), new Map([['a', 'two']]));
    expect(await loaded(openVersions('epoch', [], 2).versions.live())).toEqual({ a: 'two' });
  });

  it('with tables of a newer program are refused', () => {
    openVersions('epoch', [], 3);
    expect(() => openVersions('epoch', [], 2)).toThrow(NewerReadModelError);
  });

  it('with tables of a newer program keep their files, also where the log has got a new epoch', () => {
    openVersions('epoch', [], 3);
    const before = readdirSync(directory).sort();
    expect(() => openVersions('renewed', ['epoch'], 2)).toThrow(NewerReadModelError);
    expect(readdirSync(directory).sort()).toEqual(before);
  });

  it('show a log that went back to an epoch which they have left', () => {
    open('first');
    open('second', ['first']);
    expect(() => open('first')).toThrow(LogRestoredError);
    open('third', ['first', 'second']);
    expect(() => open('second', ['first'])).toThrow(LogRestoredError);
  });

  it('of an earlier version have no id of the last event, and get one', async () => {
    const rows = open();
    await rows.commit(START, at('1'), new Map());
    for (const each of opened.splice(0).reverse()) each.close();
    const file = new DatabaseSync(join(directory, 'read-model.db.words@v1'));
    for (const column of ['event_position', 'event_id']) {
      file.exec(`ALTER TABLE checkpoint DROP COLUMN ${column}`);
    }
    file.close();
    const reopened = open();
    expect(await reopened.checkpoint()).toEqual(at('1'));
    const next: Checkpoint = { ...at('2'), lastEvent: { position: '2', id: 'an id' } };
    await reopened.commit(at('1'), next, new Map());
    expect(await reopened.checkpoint()).toEqual(next);
  });
});

describe('The status of versions', () => {
  it('is available at once while a version is being written', async () => {
    const { version } = await openVersions().versions.findOrCreateBuilding();
    const writer = new DatabaseSync(join(directory, `read-model.db.words@v${version}`));
    opened.push(writer);
    writer.exec('BEGIN IMMEDIATE');
    const known = await openVersions().versions.status();
    expect(known.map(({ state }) => state)).toEqual(['live', 'building']);
  });
});

describe('The indexes that only reads need', () => {
  const indexesOf = (version: number): string[] => {
    const db = new DatabaseSync(join(directory, `read-model.db.words@v${version}`));
    try {
      return db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        .all()
        .map((row) => text(row, 'name'))
        .filter((name) => name.startsWith('words'));
    } finally {
      db.close();
    }
  };

  it('are created with a version that is live from the start', () => {
    open();
    expect(indexesOf(1)).toEqual(['words_by_word']);
  });

  it('are created for a version under construction just before the switch', async () => {
    const { versions } = openVersions();
    const { version, store } = await versions.findOrCreateBuilding();
    await store.commit(START, at('1'), new Map([['a', 'one']]));
    expect(indexesOf(version)).toEqual([]);
    await versions.switchTo(version, async () => undefined);
    expect(indexesOf(version)).toEqual(['words_by_word']);
  });
});

describe('A new file', () => {
  it('can be opened by several processes at once', async () => {
    const paths = Array.from({ length: 40 }, (_, index) => join(directory, `${index}.db`));
    const arrivals = new SharedArrayBuffer(4 * paths.length);
    const script = new URL('../../../../../test/fixtures/database-opener.ts', import.meta.url);
    const workers = [1, 2].map(
      () =>
        new Worker(script, {
          workerData: { paths, threads: 2, arrivals },
          execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
        }),
    );
    const errors = await Promise.all(workers.map((worker) => once(worker, 'message')));
    expect(errors.flat(2)).toEqual([]);
  });
});
