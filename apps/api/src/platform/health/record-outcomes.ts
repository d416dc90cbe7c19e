import type { StoreHealthRecord } from '#event-store';
import type { OperationalState, OperationalStores } from '#operational-state';
import { isStoreUnavailable } from '../store-errors.ts';

type StoreOf = keyof OperationalStores;

/** Methods that only read. All others write. */
const READS: { readonly [Name in StoreOf]: readonly (keyof OperationalStores[Name])[] } = {
  apiKeySecrets: ['find', 'lastUsed'],
  idempotency: [],
  projectionJobs: ['find', 'list', 'active'],
  ttls: ['find'],
  webhookEnqueuerStore: ['epoch', 'checkpoint', 'users', 'status'],
  webhookQueue: ['findDue', 'find', 'list', 'counts'],
};

/** Returns the same stores, whose calls are recorded in `record` by how they end. */
export function recordOperationalState(
  stores: OperationalState,
  record: StoreHealthRecord,
): OperationalState {
  const recorded = <Name extends StoreOf>(name: Name): OperationalStores[Name] =>
    recordOutcomes<OperationalStores[Name]>(stores[name], READS[name], record);
  return {
    apiKeySecrets: recorded('apiKeySecrets'),
    idempotency: recorded('idempotency'),
    projectionJobs: recorded('projectionJobs'),
    ttls: recorded('ttls'),
    webhookEnqueuerStore: recorded('webhookEnqueuerStore'),
    webhookQueue: recorded('webhookQueue'),
    now: stores.now,
    close: () => stores.close(),
  };
}

/** Returns the same store, whose calls are recorded. Each of its methods must return a promise. */
export function recordOutcomes<Store extends object>(
  store: Store,
  reads: readonly (keyof Store)[],
  record: StoreHealthRecord,
): Store {
  const readNames: readonly unknown[] = reads;
  const call = async (name: unknown, result: () => unknown): Promise<unknown> => {
    const isRead = readNames.includes(name);
    try {
      const value = await result();
      if (isRead) record.readSucceeded();
      else record.writeSucceeded();
      return value;
    } catch (error) {
      const reason = isStoreUnavailable(error) && error instanceof Error ? error.message : null;
      if (reason !== null && isRead) record.setReadFault(reason);
      else if (reason !== null) record.setWriteFault(reason);
      throw error;
    }
  };
  // A proxy of the store itself could not replace methods that are read-only properties.
  return new Proxy(Object.create(store) as Store, {
    get(_, name) {
      const value: unknown = Reflect.get(store, name, store);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => call(name, () => Reflect.apply(value, store, args));
    },
  });
}
