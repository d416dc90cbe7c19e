import type { EventLog, Position } from '#event-store';
import { DatabasePermissionError, type Database, type Queries } from '#postgres';
import { AwaitingWorkerError } from '../../awaiting-worker-error.ts';
import type { EventRef } from '../../dead-letter.ts';
import { VersionStateError, type VersionState } from '../../projection-versions.ts';
import { integer, oneOf, text, type SqlRow } from '../columns.ts';
import { claimTables, removeOtherTables } from './claim-tables.ts';
import { announceMove, liveVersion, type ReadModelId } from './live-version.ts';
import {
  createVersionSchema,
  liveSchemaOf,
  schemaOf,
  showVersion,
  type PostgresDefinition,
} from './version-schema.ts';

/** Names the lock of the registry among the advisory locks of the database. */
const REGISTRY = 5_150_102;

const STATES = ['live', 'building', 'kept'] as const;

/** One version of a projection in the registry. */
export interface RegisteredVersion {
  readonly version: number;
  readonly state: VersionState;
}

/** The versions of all projections and their states. A change of the registry locks out other changes. */
export class PostgresRegistry {
  readonly #database: Database;
  readonly #readModel: ReadModelId;

  private constructor(database: Database, readModel: ReadModelId) {
    this.#database = database;
    this.#readModel = readModel;
  }

  /**
   * Opens the registry of an event store. Versions that belong to one of its former epochs are removed. Those with other
   * tables stay beside: see {@link claimTables}.
   *
   * @param tables number of the tables of this program's projections
   * @throws ForeignReadModelError when the database holds the read model of another event store
   * @throws LogRestoredError when the event store has an epoch that the database has left behind
   * @throws AwaitingWorkerError when the role of the database may not do this
   */
  static async open(
    database: Database,
    log: Pick<EventLog, 'epoch' | 'formerEpochs'>,
    tables: number,
  ): Promise<PostgresRegistry> {
    const registry = new PostgresRegistry(database, { epoch: log.epoch, tables });
    if (!(await registry.#isCurrent(database))) {
      await registry.#build((queries) => claimTables(queries, log, tables));
    }
    return registry;
  }

  /** Runs `work` while no other process changes the registry. */
  change<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#database.transaction('long write', async (queries) => {
      await queries.query('SELECT pg_advisory_xact_lock($1)', [REGISTRY]);
      return work(queries);
    });
  }

  /** Like {@link change}, for what every process does that may. @throws AwaitingWorkerError if this one may not */
  async #build(work: (queries: Queries) => Promise<void>): Promise<void> {
    try {
      await this.change(work);
    } catch (error) {
      if (!(error instanceof DatabasePermissionError)) throw error;
      throw new AwaitingWorkerError(error);
    }
  }

  /** See {@link liveVersion}. */
  liveVersion(name: string, queries: Queries = this.#database): Promise<number> {
    return liveVersion(queries, name, this.#readModel);
  }

  /** See {@link announceMove}. */
  announceMove(name: string, position: Position | null, queries: Queries): Promise<number> {
    return announceMove(queries, name, this.#readModel, position);
  }

  async versions(name: string, queries: Queries = this.#database): Promise<RegisteredVersion[]> {
    const rows = await queries.query(
      `SELECT version, state FROM reachability.read_model_versions
       WHERE name = $1 AND tables = $2 ORDER BY version`,
      [name, this.#readModel.tables],
    );
    return rows.map(toVersion);
  }

  /** @throws VersionStateError when the version does not exist */
  async find(name: string, version: number, queries?: Queries): Promise<RegisteredVersion> {
    const found = (await this.versions(name, queries)).find((known) => known.version === version);
    if (found === undefined) {
      throw new VersionStateError(`There is no version ${version} of ${name}`);
    }
    return found;
  }

  /** Makes a new version live unless a version is live. @throws AwaitingWorkerError if this process may not */
  async ensureLive<State>(definition: PostgresDefinition<State>): Promise<void> {
    const { name } = definition;
    const isLive = async (queries: Queries): Promise<boolean> =>
      (await this.versions(name, queries)).some(({ state }) => state === 'live');
    if ((await this.#isCurrent(this.#database)) && (await isLive(this.#database))) return;
    await this.#build(async (queries) => {
      if (!(await this.#isCurrent(queries)) || (await isLive(queries))) return;
      const version = await this.#addVersion(queries, definition, 'live');
      await createIndexes(queries, definition, version);
      await this.showVersion(queries, version, definition);
    });
  }

  /** Lets the views show a version. Readers see the change at once, whatever they have prepared. */
  showVersion<State>(
    queries: Queries,
    version: number,
    definition: PostgresDefinition<State>,
  ): Promise<void> {
    return showVersion(queries, liveSchemaOf(this.#readModel.tables), version, definition);
  }

  /** Removes the versions with tables of other programs, and returns their names. */
  removeOthers(): Promise<string[]> {
    return this.change((queries) => removeOtherTables(queries, this.#readModel.tables));
  }

  /** The version under construction. Creates one if there is none. */
  findOrCreateBuilding<State>(definition: PostgresDefinition<State>): Promise<number> {
    return this.change(async (queries) => {
      const versions = await this.versions(definition.name, queries);
      const building = versions.find(({ state }) => state === 'building');
      return building?.version ?? this.#addVersion(queries, definition, 'building');
    });
  }

  /** Removes a version and its rows. @throws VersionStateError when it is live or does not exist */
  drop(name: string, version: number): Promise<void> {
    return this.change(async (queries) => {
      const dropped = await queries.write(
        `DELETE FROM reachability.read_model_versions
         WHERE name = $1 AND version = $2 AND tables = $3 AND state <> 'live'`,
        [name, version, this.#readModel.tables],
      );
      if (dropped !== 1) {
        throw new VersionStateError(`Version ${version} of ${name} is live or does not exist`);
      }
      await queries.write(`DROP SCHEMA ${schemaOf(name, version)} CASCADE`);
    });
  }

  /** Events that an operator has skipped, for every version of a projection. */
  async skipped(name: string): Promise<EventRef[]> {
    const rows = await this.#database.query(
      'SELECT stream, revision FROM reachability.skipped_events WHERE name = $1',
      [name],
    );
    return rows.map((row) => ({ stream: text(row, 'stream'), revision: integer(row, 'revision') }));
  }

  async skip(name: string, { stream, revision }: EventRef): Promise<void> {
    await this.#database.write(
      'INSERT INTO reachability.skipped_events VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [name, stream, revision],
    );
  }

  async #isCurrent(queries: Queries): Promise<boolean> {
    const { epoch, tables } = this.#readModel;
    const rows = await queries.query(
      'SELECT 1 FROM reachability.read_models WHERE tables = $1 AND epoch = $2',
      [tables, epoch],
    );
    return rows.length > 0;
  }

  async #addVersion<State>(
    queries: Queries,
    definition: PostgresDefinition<State>,
    state: VersionState,
  ): Promise<number> {
    const { name } = definition;
    const [row] = await queries.query(
      `INSERT INTO reachability.projections AS known VALUES ($1, 1) ON CONFLICT (name)
       DO UPDATE SET newest_version = known.newest_version + 1 RETURNING newest_version`,
      [name],
    );
    const version = integer(row ?? {}, 'newest_version');
    await queries.write('INSERT INTO reachability.read_model_versions VALUES ($1, $2, $3, $4)', [
      this.#readModel.tables,
      name,
      version,
      state,
    ]);
    await createVersionSchema(queries, schemaOf(name, version), definition);
    return version;
  }
}

/** Creates the indexes that only reads need, on the rows of a version that is to go live. */
export async function createIndexes<State>(
  queries: Queries,
  definition: PostgresDefinition<State>,
  version: number,
): Promise<void> {
  const schema = schemaOf(definition.name, version);
  for (const statement of definition.createIndexes(schema)) await queries.write(statement);
}

function toVersion(row: SqlRow): RegisteredVersion {
  return { version: integer(row, 'version'), state: oneOf(row, 'state', STATES) };
}
