import type { Database, TransactionKind } from '#postgres';
import type { DeadLetter, DeadLetterCursor, DeadLetterPage, EventRef } from '../../dead-letter.ts';
import type { ProjectionStore } from '../../projection-store.ts';
import {
  VersionStateError,
  type ProjectionVersions,
  type Verification,
  type VersionStatus,
} from '../../projection-versions.ts';
import { createIndexes, type PostgresRegistry } from './postgres-registry.ts';
import { openVerification } from './postgres-verification.ts';
import { PostgresVersionStore, type FoundVersion } from './postgres-version-store.ts';
import { readDeadLetter, readDeadLetterPage, readDeadLetters } from './dead-letter-rows.ts';
import { readCheckpoint, readStatus } from './version-rows.ts';
import { schemaOf, type PostgresDefinition } from './version-schema.ts';

/** The versions of one projection, each in a schema of its own. */
export class PostgresVersions<State> implements ProjectionVersions<State> {
  readonly #database: Database;
  readonly #registry: PostgresRegistry;
  readonly #definition: PostgresDefinition<State>;

  /** @param registry has a live version of the projection */
  constructor(
    database: Database,
    registry: PostgresRegistry,
    definition: PostgresDefinition<State>,
  ) {
    this.#database = database;
    this.#registry = registry;
    this.#definition = definition;
  }

  /** Its commits have time limits: a worker that is stopped in one must not keep others from taking over. */
  live(): ProjectionStore<State> {
    const { name } = this.#definition;
    return this.#store(async () => {
      const version = await this.#registry.liveVersion(name);
      return {
        schema: schemaOf(name, version),
        confirm: async (queries, position) =>
          (await this.#registry.announceMove(name, position, queries)) === version,
      };
    }, 'write');
  }

  async status(): Promise<VersionStatus[]> {
    const { name } = this.#definition;
    return Promise.all(
      (await this.#registry.versions(name)).map(async (registered) => ({
        ...registered,
        ...(await readStatus(this.#database, schemaOf(name, registered.version))),
      })),
    );
  }

  async findOrCreateBuilding(): Promise<{
    readonly version: number;
    readonly store: ProjectionStore<State>;
  }> {
    const version = await this.#registry.findOrCreateBuilding(this.#definition);
    return { version, store: await this.open(version) };
  }

  async open(version: number): Promise<ProjectionStore<State>> {
    const { name } = this.#definition;
    const opened = await this.#registry.find(name, version);
    return this.#store(async () => ({
      schema: schemaOf(name, version),
      confirm: async (queries) => {
        const versions = await this.#registry.versions(name, queries);
        return versions.find((known) => known.version === version)?.state === opened.state;
      },
    }));
  }

  async switchTo(version: number, catchUpToEnd: () => Promise<void>): Promise<void> {
    const { name } = this.#definition;
    const { state } = await this.#registry.find(name, version);
    if (state === 'live') throw new VersionStateError(`Version ${version} is already live`);
    const live = await this.#registry.liveVersion(name);
    await this.#database.transaction('long write', (queries) =>
      createIndexes(queries, this.#definition, version),
    );
    await this.#database.transaction('long write', async (lock) => {
      await lock.query(`SELECT 1 FROM ${schemaOf(name, live)}.checkpoint FOR UPDATE`);
      if ((await this.#registry.liveVersion(name, lock)) !== live) {
        throw new VersionStateError(`Another process has just switched ${name}`);
      }
      await catchUpToEnd();
      await this.#registry.change(async (queries) => {
        await this.#registry.find(name, version, queries);
        await queries.write(
          `UPDATE reachability.read_model_versions SET state = 'kept'
           WHERE name = $1 AND version = $2`,
          [name, live],
        );
        await queries.write(
          `UPDATE reachability.read_model_versions SET state = 'live'
           WHERE name = $1 AND version = $2`,
          [name, version],
        );
        await this.#registry.showVersion(queries, version, this.#definition);
        const { position } = await readCheckpoint(queries, schemaOf(name, version));
        await this.#registry.announceMove(name, position, queries);
      });
    });
  }

  async drop(version: number): Promise<void> {
    const { name } = this.#definition;
    await this.#registry.find(name, version);
    await this.#registry.drop(name, version);
  }

  async verification(): Promise<Verification<State>> {
    const { name } = this.#definition;
    const live = schemaOf(name, await this.#registry.liveVersion(name));
    return openVerification(this.#database, live, this.#definition, (scratch) =>
      this.#store(async () => ({ schema: scratch, confirm: async () => true })),
    );
  }

  async deadLetters(): Promise<DeadLetter[]> {
    const { name } = this.#definition;
    const schema = schemaOf(name, await this.#registry.liveVersion(name));
    return readDeadLetters(this.#database, schema);
  }

  async deadLetterPage(cursor: DeadLetterCursor, size: number): Promise<DeadLetterPage> {
    const { name } = this.#definition;
    const schema = schemaOf(name, await this.#registry.liveVersion(name));
    return readDeadLetterPage(this.#database, schema, cursor, size);
  }

  async deadLetter(event: EventRef): Promise<DeadLetter | null> {
    const { name } = this.#definition;
    const schema = schemaOf(name, await this.#registry.liveVersion(name));
    return readDeadLetter(this.#database, schema, event);
  }

  async skip(event: EventRef): Promise<void> {
    await this.#registry.skip(this.#definition.name, event);
  }

  #store(
    find: () => Promise<FoundVersion>,
    commits: TransactionKind = 'long write',
  ): ProjectionStore<State> {
    const { name, tables } = this.#definition;
    const skipped = () => this.#registry.skipped(name);
    return new PostgresVersionStore(this.#database, tables, find, skipped, commits);
  }
}
