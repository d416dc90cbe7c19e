import { Socket } from 'node:net';
import { Pool, TypeOverrides, type PoolClient, type PoolConfig, type QueryResult } from 'pg';
import { parseDatabaseUrl } from './connection-url.ts';
import { DatabaseUnavailableError, toConnectionError, toDatabaseError } from './errors.ts';
import {
  begin,
  type TransactionKind,
  type TransactionSettings,
  type TransactionStart,
} from './transaction-start.ts';

/** A value of a statement's parameter. An array becomes an array of the database. */
export type Parameter =
  string | number | boolean | null | readonly (string | number | boolean | null)[];

/** A row by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs statements. Those that take values are prepared once per connection. */
export interface Queries {
  /** Returns the rows of one statement. @throws DatabaseUnavailableError */
  query(text: string, values?: readonly Parameter[]): Promise<readonly Row[]>;
  /** Returns the number of rows that one statement wrote. @throws DatabaseUnavailableError */
  write(text: string, values?: readonly Parameter[]): Promise<number>;
}

/** Connections of a pool, and statements or transactions that wait for one. */
export interface PoolUsage {
  readonly inUse: number;
  readonly idle: number;
  readonly waiting: number;
}

/** A pool of connections to one PostgreSQL database. A lost connection is replaced at the next use. */
export interface Database extends Queries {
  /**
   * Runs statements in one transaction, which is rolled back if `work` throws.
   *
   * @param settings of the server for this transaction alone, by name
   *
   * @throws DatabaseUnavailableError if the database cannot be reached; the outcome of a commit is then unknown
   */
  transaction<Result>(
    kind: TransactionKind,
    work: (queries: Queries) => Promise<Result>,
    settings?: TransactionSettings,
  ): Promise<Result>;
  usage(): PoolUsage;
  close(): Promise<void>;
}

/** How a database is reached. Times are milliseconds. */
export interface DatabaseOptions {
  /** `postgres://` URL, see {@link parseDatabaseUrl}. */
  readonly url: string;
  /** Shown by the database beside each connection. */
  readonly name: string;
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** False where commits may be lost when the database crashes, and need not wait for its disk. True by default. */
  readonly isCommitDurable?: boolean;
}

/** The longest that a timer of Node can wait. */
const NO_QUERY_TIMEOUT = 2_147_483_647;

/** Milliseconds of silence after which the system asks whether the other end of a connection still exists. */
const KEEP_ALIVE_MS = 10_000;

/** Reads `bigint`, whose type has this number, as a number. */
const INT8 = 20;
const NUMBERS = new TypeOverrides();
NUMBERS.setTypeParser(INT8, toSafeInteger);

/** Opens a pool. It connects at its first use. @throws InvalidDatabaseUrlError */
export function openDatabase(options: DatabaseOptions): Database {
  const sockets = new Set<Socket>();
  const openSocket = (): Socket => {
    const socket = new Socket();
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };
  const pool = new Pool(poolConfig(options, openSocket));
  // A connection that breaks fails the statement that uses it, or is replaced at the next use. Without listeners the
  // process would end.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const names = new StatementNames();
  const connected = async <Result>(work: (client: PoolClient) => Promise<Result>) => {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw toConnectionError(error);
    }
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      const known = toDatabaseError(error);
      broken = known instanceof DatabaseUnavailableError;
      throw known;
    } finally {
      client.release(broken);
    }
  };
  const run = (text: string, values: readonly Parameter[] = []) =>
    connected((client) => execute(client, names, text, values));
  return {
    query: async (text, values) => (await run(text, values)).rows,
    write: async (text, values) => (await run(text, values)).rowCount ?? 0,
    transaction: (kind, work, settings = {}) =>
      connected((client) => runTransaction(client, names, begin(kind, settings), work)),
    usage: () => ({
      inUse: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: async () => {
      await pool.end();
      // A database that is frozen or cut off does not close its end: the process must not wait for that.
      for (const socket of sockets) socket.unref();
    },
  };
}

async function runTransaction<Result>(
  client: PoolClient,
  names: StatementNames,
  { statement, isLong }: TransactionStart,
  work: (queries: Queries) => Promise<Result>,
): Promise<Result> {
  await client.query(statement);
  const limit = isLong ? { query_timeout: NO_QUERY_TIMEOUT } : {};
  const run = (text: string, values: readonly Parameter[] = []) =>
    execute(client, names, text, values, limit);
  try {
    const result = await work({
      query: async (text, values) => (await run(text, values)).rows,
      write: async (text, values) => (await run(text, values)).rowCount ?? 0,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (!(toDatabaseError(error) instanceof DatabaseUnavailableError)) {
      await client.query('ROLLBACK');
    }
    throw error;
  }
}

function execute(
  client: PoolClient,
  names: StatementNames,
  text: string,
  values: readonly Parameter[],
  limit: { readonly query_timeout?: number } = {},
): Promise<QueryResult<Row>> {
  // What takes no values is rare, or changes the schema: it is not worth preparing.
  const name = values.length === 0 ? {} : { name: names.of(text) };
  return client.query<Row>({ ...name, text, values: [...values], ...limit });
}

/** Names by which a connection knows the statements that it has prepared. */
class StatementNames {
  readonly #names = new Map<string, string>();

  of(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `s${this.#names.size}`;
      this.#names.set(text, name);
    }
    return name;
  }
}

function poolConfig(options: DatabaseOptions, openSocket: () => Socket): PoolConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000;
  return {
    ...parseDatabaseUrl(options.url),
    application_name: options.name,
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? 2_000,
    // Ends the transaction of a process that was frozen in it: others may wait for its locks.
    idle_in_transaction_session_timeout: 5_000,
    // For a server that is frozen or cut off: it cannot end its statement by itself.
    query_timeout: statementTimeoutMs + 1_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: NUMBERS,
    stream: openSocket,
    ...(options.isCommitDurable === false ? { options: '-c synchronous_commit=off' } : {}),
  };
}

/** Everything that the program stores as `bigint` is a safe integer. */
function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
  return value;
}
