import { backOff, type BackOff, type EventLog } from '#event-store';
import {
  PostgresLeaseStore,
  PostgresNodeSlots,
  postgresOperationalState,
} from '#operational-state/adapters/postgres/index';
import { migrate, Notifications, openDatabase, requireMigrated } from '#postgres';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import { databaseSignals } from './database-signals.ts';
import type { DerivedStores } from './derived-stores.ts';

/** Shown by the database beside each connection. */
const NAME = 'reachability';
const RECONNECT: BackOff = { baseMs: 100, capMs: 2_000 };

/**
 * Opens the stores beside a log in PostgreSQL, after its schema was brought to that of this program.
 *
 * @throws DatabaseSchemaError if the schema is another, and may not be changed here
 * @throws DatabaseUnavailableError
 */
export async function openStoresInDatabase(
  url: string,
  { mayMigrate }: { readonly mayMigrate: boolean },
  { epoch, formerEpochs }: Pick<EventLog, 'epoch' | 'formerEpochs'>,
): Promise<DerivedStores> {
  if (mayMigrate) await migrate(url);
  else await requireMigrated(url);
  const database = openDatabase({ url, name: NAME });
  const notifications = new Notifications({
    url,
    name: `${NAME} notifications`,
    backOff: (attempt, signal) => backOff(RECONNECT, attempt, signal),
  });
  try {
    return {
      readModel: await openPostgresReadModel(database, epoch, formerEpochs),
      operations: { ...postgresOperationalState(database), close: () => undefined },
      leases: new PostgresLeaseStore(database),
      nodeSlots: new PostgresNodeSlots(database),
      tidyWhenQuiet: () => undefined,
      signals: databaseSignals(notifications, epoch),
      close: async () => {
        await notifications.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
