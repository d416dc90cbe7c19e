import type { OperationalState } from '../../../operational-state.ts';
import { openEach, STORE_CLASSES, type StoreName } from '../store-classes.ts';
import { StateThreadClient, type CallTimes } from './state-thread-client.ts';

/** The thread gives up before its caller does: a call that is refused for a lock has then certainly not happened. */
const DEFAULT_TIMES: CallTimes = { busyTimeoutMs: 2_000, timeoutMs: 3_000 };

type CallMethod = (method: string, args: readonly unknown[]) => Promise<unknown>;

/**
 * Opens the file, or creates it, in a thread of its own, so that neither the disk nor another process's lock blocks the
 * caller's event loop. A thread that has failed is started again by the next call.
 *
 * @throws Error with the path if the file cannot be opened or is not a database
 * @throws NewerOperationalStateError where a newer program has written it
 */
export async function openOperationalStateInThread(
  path: string,
  times: CallTimes = DEFAULT_TIMES,
): Promise<OperationalState> {
  let thread = new StateThreadClient(path, times);
  const failure = await thread.opened;
  if (failure !== null) throw failure;
  let isClosed = false;
  const call = (store: StoreName, method: string, args: readonly unknown[]): Promise<unknown> => {
    if (thread.hasEnded && !isClosed) thread = new StateThreadClient(path, times);
    return thread.call(store, method, args);
  };
  return {
    ...openEach((name) =>
      remoteStore(STORE_CLASSES[name], (method, args) => call(name, method, args)),
    ),
    now: async () => Date.now(),
    close: async () => {
      isClosed = true;
      await thread.close();
    },
  };
}

/** Returns an object that has each public method of a store's class, and sends every call of it to `call`. */
function remoteStore<Store extends object>(
  { prototype }: { readonly prototype: Store },
  call: CallMethod,
): Store {
  const store = Object.create(prototype) as Store;
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const value = (...args: unknown[]): Promise<unknown> => call(method, args);
    if (method !== 'constructor') Object.defineProperty(store, method, { value });
  }
  return store;
}
