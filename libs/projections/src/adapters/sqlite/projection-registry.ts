import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { EventStoreUnavailableError } from '#event-store';
import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { EventRef } from '../../dead-letter.ts';
import { VersionStateError, type VersionState } from '../../projection-versions.ts';
import { integer, text, type SqlRow } from '../columns.ts';
import { claimEpoch } from '../claim-epoch.ts';
import { hasSchema } from '../claim-schema.ts';
import { transaction } from './transaction.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS versions (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (name, version)
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS one_live_version ON versions (name) WHERE state = 'live';
  CREATE UNIQUE INDEX IF NOT EXISTS one_building_version ON versions (name) WHERE state = 'building';
  CREATE TABLE IF NOT EXISTS skipped_events (
    name TEXT NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (name, stream, revision)
  ) STRICT;
`;

/** One version of a projection in the registry. */
interface RegisteredVersion {
  readonly version: number;
  readonly state: VersionState;
}

/**
 * The file that lists the versions of all projections and their states. Each version has its rows and checkpoint in
 * its own file beside it, `<registry>.<projection>@v<n>`: so writers of different versions never wait for each
 * other, and dropping a version removes a file.
 */
export class ProjectionRegistry {
  readonly db: DatabaseSync;
  readonly #path: string;
  readonly #epoch: string;
  readonly #live;

  /**
   * @param epoch names the event store of the projections
   * @param formerEpochs of that event store: a read model that had one of them is discarded
   * @throws ForeignReadModelError when the file belongs to another event store
   * @param schema number of the tables of this program's projections: versions that have older ones are discarded
   * @throws LogRestoredError when the event store has an epoch that the file has left behind
   * @throws NewerReadModelError when a newer program has made the versions
   */
  constructor(path: string, epoch: string, formerEpochs: readonly string[] = [], schema = 1) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#epoch = epoch;
    this.db = openDatabase(path);
    transaction(this.db, 'IMMEDIATE', () => {
      this.db.exec(SCHEMA);
      // First: an older program must not remove the files of a newer one, whatever the epochs say.
      const isSchemaCurrent = hasSchema(Number(this.#getMeta('schema') ?? 1), schema);
      this.#claim(epoch, formerEpochs);
      if (!isSchemaCurrent) this.#claimSchema(schema);
    });
    this.#live = this.db.prepare(
      `SELECT version FROM versions WHERE name = ?1 AND state = 'live'
       AND EXISTS (SELECT 1 FROM meta WHERE key = 'epoch' AND value = ?2)`,
    );
  }

  pathOf(name: string, version: number): string {
    return `${this.#path}.${name}@v${version}`;
  }

  /**
   * The version that answers reads.
   *
   * @throws EventStoreUnavailableError when another process has discarded the read model of this epoch
   */
  liveVersion(name: string): number {
    const row = this.#live.get(name, this.#epoch);
    if (row === undefined) {
      throw new EventStoreUnavailableError(`No version of ${name} is live in epoch ${this.#epoch}`);
    }
    return integer(row, 'version');
  }

  versions(name: string): RegisteredVersion[] {
    return this.db
      .prepare('SELECT version, state FROM versions WHERE name = ? ORDER BY version')
      .all(name)
      .map(toVersion);
  }

  /** Makes a new version live unless a version is live. */
  ensureLive(name: string): void {
    transaction(this.db, 'IMMEDIATE', () => {
      if (this.#live.get(name, this.#epoch) !== undefined) return;
      const version = this.#newestVersion(name) + 1;
      this.db.prepare("INSERT INTO versions VALUES (?, ?, 'live')").run(name, version);
    });
  }

  /**
   * The version under construction. Creates one if there is none. A number is never used twice: another process may
   * still have the file of a dropped version open and would mistake it for the new one.
   */
  findOrCreateBuilding(name: string): number {
    return transaction(this.db, 'IMMEDIATE', () => {
      const versions = this.versions(name);
      const building = versions.find(({ state }) => state === 'building');
      if (building !== undefined) return building.version;
      const version = Math.max(versions.at(-1)?.version ?? 0, this.#newestVersion(name)) + 1;
      this.db.prepare("INSERT INTO versions VALUES (?, ?, 'building')").run(name, version);
      this.#setMeta(newestKey(name), String(version));
      return version;
    });
  }

  /**
   * Makes a version live and keeps the previous one.
   *
   * @throws VersionStateError when the version does not exist
   */
  switchTo(name: string, version: number): void {
    transaction(this.db, 'IMMEDIATE', () => {
      this.db
        .prepare("UPDATE versions SET state = 'kept' WHERE name = ? AND state = 'live'")
        .run(name);
      const { changes } = this.db
        .prepare("UPDATE versions SET state = 'live' WHERE name = ? AND version = ?")
        .run(name, version);
      if (changes !== 1) {
        throw new VersionStateError(`There is no version ${version} of ${name}`);
      }
    });
  }

  /**
   * Removes a version and its file.
   *
   * @throws VersionStateError when the version is live or does not exist
   */
  drop(name: string, version: number): void {
    const { changes } = this.db
      .prepare("DELETE FROM versions WHERE name = ? AND version = ? AND state <> 'live'")
      .run(name, version);
    if (changes !== 1) {
      throw new VersionStateError(`Version ${version} of ${name} is live or does not exist`);
    }
    removeDatabase(this.pathOf(name, version));
  }

  /** Events that an operator has skipped, for every version of a projection. */
  skipped(name: string): EventRef[] {
    return this.db
      .prepare('SELECT stream, revision FROM skipped_events WHERE name = ?')
      .all(name)
      .map((row) => ({ stream: text(row, 'stream'), revision: integer(row, 'revision') }));
  }

  skip(name: string, { stream, revision }: EventRef): void {
    this.db
      .prepare('INSERT OR IGNORE INTO skipped_events VALUES (?, ?, ?)')
      .run(name, stream, revision);
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  #newestVersion(name: string): number {
    return Number(this.#getMeta(newestKey(name)) ?? 0);
  }

  /** A new registry has no versions: version files beside it belong to a deleted registry. */
  #claim(epoch: string, formerEpochs: readonly string[]): void {
    const known = this.#getMeta('epoch');
    const claim = claimEpoch(
      known === null ? null : { epoch: known, left: this.#leftEpochs() },
      { epoch, formerEpochs },
      `Delete ${this.#path} to rebuild it`,
    );
    if (claim.action === 'keep') return;
    if (known === null) this.#removeLeftOvers();
    else {
      this.#discardVersions();
      this.db.exec('DELETE FROM skipped_events');
    }
    this.#setMeta('epoch', claim.epochs.epoch);
    this.#setMeta('left_epochs', JSON.stringify(claim.epochs.left));
  }

  /** Discards the versions of an older program. The log is the same, so what an operator has skipped stays skipped. */
  #claimSchema(schema: number): void {
    this.#discardVersions();
    this.#setMeta('schema', String(schema));
  }

  /** Epochs that the event store had before, as far as this file knows. */
  #leftEpochs(): readonly string[] {
    return JSON.parse(this.#getMeta('left_epochs') ?? '[]') as string[];
  }

  /** Removes all versions. Their numbers are not used again. */
  #discardVersions(): void {
    const newest = this.db
      .prepare('SELECT name, max(version) AS version FROM versions GROUP BY name')
      .all();
    for (const row of newest) {
      const name = text(row, 'name');
      const version = Math.max(
        integer(row, 'version'),
        Number(this.#getMeta(newestKey(name)) ?? 0),
      );
      this.#setMeta(newestKey(name), String(version));
    }
    this.db.exec('DELETE FROM versions');
    this.#removeLeftOvers();
  }

  #getMeta(key: string): string | null {
    const row = this.db.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? null : text(row, 'value');
  }

  #setMeta(key: string, value: string): void {
    this.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }

  #removeLeftOvers(): void {
    const directory = dirname(this.#path);
    for (const file of readdirSync(directory)) {
      if (file.startsWith(`${basename(this.#path)}.`)) rmSync(join(directory, file));
    }
  }
}

function newestKey(name: string): string {
  return `newest_version:${name}`;
}

/** Removes a SQLite file and its write-ahead log. */
export function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

function toVersion(row: SqlRow): RegisteredVersion {
  const state = text(row, 'state');
  if (state !== 'live' && state !== 'building' && state !== 'kept') {
    throw new Error(`A version cannot be ${state}`);
  }
  return { version: integer(row, 'version'), state };
}

/**
 * Opens a file of the read model, creating it if missing. The log contains all events, so a write that a power failure
 * loses is repeated from there.
 *
 * @throws Error with the file's name, when it cannot be opened or is not a database
 */
export function openDatabase(path: string): DatabaseSync {
  return openLazilySynced(path, '. What it holds can be rebuilt: delete it');
}
