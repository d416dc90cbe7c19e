import { DatabaseSync } from 'node:sqlite';
import { BUSY_TIMEOUT_MS } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { Checkpoint } from '../../projection-store.ts';
import type { EventRef, DeadLetter, DeadLetterCursor, DeadLetterPage } from '../../dead-letter.ts';
import type {
  Changes,
  DeadLetterChanges,
  DeadLetters,
  ProjectionStore,
} from '../../projection-store.ts';
import {
  VersionStateError,
  type ProjectionVersions,
  type Verification,
  type VersionStatus,
} from '../../projection-versions.ts';
import { removeDatabase, type ProjectionRegistry } from './projection-registry.ts';
import { scratchPath } from './scratch-files.ts';
import { SqliteVerification } from './sqlite-verification.ts';
import { VersionFile, type SqliteDefinition } from './version-file.ts';

/** The versions of one projection, each in its own SQLite file. */
export class SqliteVersions<State> implements ProjectionVersions<State> {
  readonly #registry: ProjectionRegistry;
  readonly #definition: SqliteDefinition<State>;
  readonly #files = new Map<number, VersionFile<State>>();

  constructor(registry: ProjectionRegistry, definition: SqliteDefinition<State>) {
    this.#registry = registry;
    this.#definition = definition;
    registry.ensureLive(definition.name);
  }

  /** The file of the current live version. */
  liveFile(): VersionFile<State> {
    return this.#file(this.#registry.liveVersion(this.#definition.name));
  }

  live(): ProjectionStore<State> {
    const { name } = this.#definition;
    const registry = this.#registry;
    const current = (): number => registry.liveVersion(name);
    return new VersionStore(
      () => {
        const version = current();
        return { file: this.#file(version), isInUse: () => current() === version };
      },
      () => registry.skipped(name),
    );
  }

  async status(): Promise<VersionStatus[]> {
    return this.#registry
      .versions(this.#definition.name)
      .map((registered) => ({ ...registered, ...this.#file(registered.version).status() }));
  }

  async findOrCreateBuilding(): Promise<{
    readonly version: number;
    readonly store: ProjectionStore<State>;
  }> {
    const version = this.#registry.findOrCreateBuilding(this.#definition.name);
    return { version, store: this.#store(version) };
  }

  async open(version: number): Promise<ProjectionStore<State>> {
    this.#registeredVersion(version);
    return this.#store(version);
  }

  async switchTo(version: number, catchUpToEnd: () => Promise<void>): Promise<void> {
    const { state } = this.#registeredVersion(version);
    if (state === 'live') throw new VersionStateError(`Version ${version} is already live`);
    const { name } = this.#definition;
    const live = this.#registry.liveVersion(name);
    this.#file(version).createIndexes();
    const lock = new DatabaseSync(this.#registry.pathOf(name, live), { timeout: BUSY_TIMEOUT_MS });
    try {
      lock.exec('BEGIN IMMEDIATE');
      if (this.#registry.liveVersion(name) !== live) {
        throw new VersionStateError(`Another process has just switched ${name}`);
      }
      await catchUpToEnd();
      this.#registry.switchTo(name, version);
    } finally {
      lock.close();
    }
  }

  async drop(version: number): Promise<void> {
    this.#registeredVersion(version);
    this.#registry.drop(this.#definition.name, version);
    this.#files.get(version)?.close();
    this.#files.delete(version);
  }

  async verification(): Promise<Verification<State>> {
    const { name } = this.#definition;
    const version = this.#registry.liveVersion(name);
    const livePath = this.#registry.pathOf(name, version);
    this.#file(version); // Creates the file if it was never used; from here on it is only read.
    const path = scratchPath(livePath);
    const scratch = new VersionFile(path, this.#definition);
    const store = new VersionStore(
      () => ({ file: scratch, isInUse: () => true }),
      () => this.#registry.skipped(name),
    );
    const remove = (): void => {
      scratch.close();
      removeDatabase(path);
    };
    try {
      return new SqliteVerification(livePath, store, scratch.db, remove);
    } catch (error) {
      remove();
      throw error;
    }
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return this.liveFile().deadLetters.all();
  }

  async deadLetterPage(cursor: DeadLetterCursor, size: number): Promise<DeadLetterPage> {
    return this.liveFile().deadLetters.page(cursor, size);
  }

  async deadLetter(event: EventRef): Promise<DeadLetter | null> {
    return this.liveFile().deadLetters.find(event);
  }

  async skip(event: EventRef): Promise<void> {
    this.#registry.skip(this.#definition.name, event);
  }

  /** Empties the write-ahead logs of open versions at quiet times; call it every `LOOK_EVERY_MS`. It may take long. */
  checkpointWhenQuiet(): void {
    for (const file of this.#files.values()) file.checkpointWhenQuiet();
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  #store(version: number): ProjectionStore<State> {
    const { name } = this.#definition;
    const state = (): string | undefined =>
      this.#registry.versions(name).find((known) => known.version === version)?.state;
    const opened = state();
    return new VersionStore(
      () => ({ file: this.#file(version), isInUse: () => state() === opened }),
      () => this.#registry.skipped(name),
    );
  }

  #registeredVersion(version: number) {
    const { name } = this.#definition;
    const found = this.#registry.versions(name).find((known) => known.version === version);
    if (found === undefined) {
      throw new VersionStateError(`There is no version ${version} of ${name}`);
    }
    return found;
  }

  #file(version: number): VersionFile<State> {
    const open = this.#files.get(version);
    if (open !== undefined) return open;
    const path = this.#registry.pathOf(this.#definition.name, version);
    const file = new VersionFile(path, this.#definition);
    if (version === this.#registry.liveVersion(this.#definition.name)) file.createIndexes();
    this.#files.set(version, file);
    return file;
  }
}

/** The file of one version, and whether its state is still the one that it was opened for. */
interface OpenVersion<State> {
  readonly file: VersionFile<State>;
  readonly isInUse: () => boolean;
}

/** The rows of one version. Each call of `checkpoint` finds the version again. */
class VersionStore<State> implements ProjectionStore<State> {
  readonly #findVersion: () => OpenVersion<State>;
  readonly #skipped: () => EventRef[];
  #version: OpenVersion<State>;

  constructor(findVersion: () => OpenVersion<State>, skipped: () => EventRef[]) {
    this.#findVersion = findVersion;
    this.#skipped = skipped;
    this.#version = findVersion();
  }

  async checkpoint(): Promise<Checkpoint> {
    this.#version = this.#findVersion();
    return this.#version.file.checkpoint();
  }

  async deadLetters(): Promise<DeadLetters> {
    return { blockedKeys: this.#version.file.deadLetters.keys(), skipped: this.#skipped() };
  }

  async load(keys: readonly string[]): Promise<Map<string, State>> {
    return this.#version.file.load(keys);
  }

  async commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    deadLetters: DeadLetterChanges = { added: [] },
  ): Promise<boolean> {
    const { file, isInUse } = this.#version;
    return file.commit(expected, next, changes, deadLetters, isInUse);
  }

  async reportDown(reason: string | null): Promise<void> {
    this.#version.file.reportDown(reason);
  }
}
