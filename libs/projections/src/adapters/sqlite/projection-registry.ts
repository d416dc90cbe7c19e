import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { EventRef } from '../../dead-letter.ts';
import { VersionStateError, type VersionState } from '../../projection-versions.ts';
import { integer, text, type SqlRow } from './columns.ts';
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

/** The file belongs to another event store. */
export class ForeignReadModelError extends Error {
  override readonly name = 'ForeignReadModelError';
  readonly code = 'READ_MODEL.FOREIGN';
}

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
  readonly #live;
  readonly #newest;

  /**
   * @param epoch names the event store of the projections
   * @throws ForeignReadModelError when the file belongs to another event store
   */
  constructor(path: string, epoch: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.db = openDatabase(path);
    transaction(this.db, 'IMMEDIATE', () => {
      this.db.exec(SCHEMA);
      this.#claim(epoch);
    });
    this.#live = this.db.prepare("SELECT version FROM versions WHERE name = ? AND state = 'live'");
    this.#newest = this.db.prepare('SELECT value FROM meta WHERE key = ?');
  }

  pathOf(name: string, version: number): string {
    return `${this.#path}.${name}@v${version}`;
  }

  /** The version that answers reads. */
  liveVersion(name: string): number {
    const row = this.#live.get(name);
    if (row === undefined) throw new Error(`No version of ${name} is live`);
    return integer(row, 'version');
  }

  versions(name: string): RegisteredVersion[] {
    return this.db
      .prepare('SELECT version, state FROM versions WHERE name = ? ORDER BY version')
      .all(name)
      .map(toVersion);
  }

  /** Makes version 1 live unless a version is live. */
  ensureLive(name: string): void {
    transaction(this.db, 'IMMEDIATE', () => {
      if (this.#live.get(name) !== undefined) return;
      this.db.prepare("INSERT INTO versions VALUES (?, 1, 'live')").run(name);
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
      this.db
        .prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)')
        .run(newestKey(name), String(version));
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
    const row = this.#newest.get(newestKey(name));
    return row === undefined ? 0 : Number(text(row, 'value'));
  }

  /** A new registry has no versions: version files beside it belong to a deleted registry. */
  #claim(epoch: string): void {
    const known = this.db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get();
    if (known === undefined) {
      this.#removeLeftOvers();
      this.db.prepare("INSERT INTO meta VALUES ('epoch', ?)").run(epoch);
    } else if (text(known, 'value') !== epoch) {
      throw new ForeignReadModelError(
        `${this.#path} holds the read model of another event store. Delete it to rebuild it`,
      );
    }
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
