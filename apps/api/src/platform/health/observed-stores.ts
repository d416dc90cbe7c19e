import { errorMessage } from '#domain';
import { StoreHealthRecord } from '#event-store';
import type { TtlStore } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import type { StoreName } from '../store-errors.ts';
import type { ObservedStore } from './monitored-store.ts';
import { recordOperationalState, recordOutcomes } from './record-outcomes.ts';

/** Names no Connection. */
const PROBE_SID = 'CN-probe';

/** The stores of a process, and how each of them is known to be. */
export interface ObservedStores {
  /** To use instead of those that were observed: how their calls end is recorded. */
  readonly stores: Stores;
  readonly observed: readonly ObservedStore[];
  /** Of the store that has the read model; the projections of this process add their commits. */
  readonly readModelHealth: StoreHealthRecord;
}

/**
 * Observes the stores that can fail independently: the event store, and either the database or the files of the read
 * model and of operational state.
 */
export function observeStores(
  stores: Stores,
  { DATABASE_URL }: Pick<Settings, 'DATABASE_URL'>,
): ObservedStores {
  const hasDatabase = DATABASE_URL !== undefined;
  const readModelHealth = new StoreHealthRecord();
  const stateHealth = hasDatabase ? readModelHealth : new StoreHealthRecord();
  const operations = recordOperationalState(stores.operations, stateHealth);
  const leases = hasDatabase ? recordOutcomes(stores.leases, ['list'], stateHealth) : stores.leases;
  const probeReadModel = (): Promise<void> => readCheckpoint(stores, readModelHealth);
  const probeState = (): Promise<void> => useState(operations.ttls, stateHealth);
  const observe = (
    name: StoreName,
    source: Pick<Stores['events'], 'health'>,
    probe: () => Promise<unknown>,
  ): ObservedStore => ({ name, health: () => source.health, probe });
  return {
    stores: { ...stores, operations, leases },
    observed: [
      observe('event_store', stores.events, () => stores.events.isCurrent()),
      ...(hasDatabase
        ? [
            observe('database', readModelHealth, () =>
              Promise.all([probeReadModel(), probeState()]),
            ),
          ]
        : [
            observe('read_model', readModelHealth, probeReadModel),
            observe('state', stateHealth, probeState),
          ]),
    ],
    readModelHealth,
  };
}

async function readCheckpoint(
  { readModel }: Pick<Stores, 'readModel'>,
  health: StoreHealthRecord,
): Promise<void> {
  try {
    await readModel.users.checkpoint();
    health.readSucceeded();
  } catch (error) {
    health.setReadFault(errorMessage(error));
  }
}

/** Reads operational state; while it could not be written, also tries to write, as nothing else may do so for long. */
async function useState(
  ttls: Pick<TtlStore, 'find' | 'remove'>,
  { health }: StoreHealthRecord,
): Promise<void> {
  await ttls.find(PROBE_SID);
  if (health.state === 'unwritable') await ttls.remove(PROBE_SID);
}
