import { backOff, type BackOff, type EventLog } from '#event-store';
import {
  PostgresNodeLeases,
  postgresOperationalState,
} from '#operational-state/adapters/postgres/index';
import {
  migrateIfNeeded,
  Notifications,
  openDatabase,
  requireMigrated,
  type DatabaseOptions,
} from '#postgres';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import { databaseSignals } from './database-signals.ts';
import type { DerivedStores } from './derived-stores.ts';

/** Shown by the database beside each connection. */
const NAME = 'reachability';
const RECONNECT: BackOff = { baseMs: 100, capMs: 2_000 };

/** Enough for a thread or a command: one for each projection, the webhooks and maintenance. */
const FEW_CONNECTIONS = 5;

/** How to reach the database. */
interface DatabaseAccess {
  readonly url: string;
  /** Whether this process may bring the schema to that of this program. */
  readonly mayMigrate: boolean;
  /** Most connections at the same time. */
  readonly connections?: number;
}

/**
 * Leases have connections of their own: a renewal must not wait for the statements of requests, and must fail soon
 * enough to be repeated before a lease of 6 s runs out, twice if both connections are dead. It need not survive a crash
 * of the database, so it does not wait for the disk.
 */
const FOR_LEASES: Omit<DatabaseOptions, 'url'> = {
  name: `${NAME} leases`,
  connections: 2,
  connectTimeoutMs: 1_000,
  statementTimeoutMs: 1_000,
  lockTimeoutMs: 1_000,
  isCommitDurable: false,
};

/**
 * Opens the stores beside a log in PostgreSQL, after its schema was brought to that of this program.
 *
 * @throws DatabaseSchemaError if the schema is another, and may not be changed here
 * @throws DatabaseUnavailableError
 */
export async function openStoresInDatabase(
  { url, mayMigrate, connections = FEW_CONNECTIONS }: DatabaseAccess,
  { epoch, formerEpochs }: Pick<EventLog, 'epoch' | 'formerEpochs'>,
): Promise<DerivedStores> {
  if (mayMigrate) await migrateIfNeeded(url);
  else await requireMigrated(url);
  const database = openDatabase({ url, name: NAME, connections });
  const leases = openDatabase({ url, ...FOR_LEASES });
  const nodeLeases = new PostgresNodeLeases(leases);
  const notifications = new Notifications({
    url,
    name: `${NAME} notifications`,
    backOff: (attempt, signal) => backOff(RECONNECT, attempt, signal),
  });
  const close = async (): Promise<void> => {
    await notifications.close();
    await leases.close();
    await database.close();
  };
  try {
    return {
      readModel: await openPostgresReadModel(database, epoch, formerEpochs),
      operations: { ...postgresOperationalState(database), close: () => undefined },
      leases: nodeLeases,
      nodeSlots: nodeLeases,
      tidyWhenQuiet: () => undefined,
      signals: databaseSignals(notifications, epoch),
      pools: new Map([
        ['stores', () => database.usage()],
        ['leases', () => leases.usage()],
      ]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
