/** Entry file of the thread that owns the file of operational state. {@link StateThreadClient} starts it. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { isSqliteError, reasonOf } from '#event-store/adapters/sqlite/sqlite-errors';
import { LOOK_EVERY_MS } from '#event-store/adapters/sqlite/quiet-checkpoint';
import { NewerOperationalStateError } from '../../../errors.ts';
import type { OperationalState } from '../../../operational-state.ts';
import { openSqliteOperationalState, type SqliteOperationalState } from '../index.ts';
import {
  monotonicNow,
  type Call,
  type FromStateThread,
  type StateThreadData,
  type ToStateThread,
} from './protocol.ts';

function serve(port: MessagePort, { path, busyTimeoutMs }: StateThreadData): void {
  const post = (message: FromStateThread): void => port.postMessage(message);
  let state: SqliteOperationalState;
  try {
    state = openSqliteOperationalState(path, busyTimeoutMs);
  } catch (error) {
    const newer =
      error instanceof NewerOperationalStateError
        ? { found: error.found, known: error.known }
        : null;
    post({ kind: 'failed', reason: reasonOf(error), newer });
    return;
  }
  const timer = setInterval(() => state.checkpointWhenQuiet(), LOOK_EVERY_MS).unref();
  let answered = Promise.resolve();
  port.on('message', (message: ToStateThread) => {
    if (message === 'close') {
      clearInterval(timer);
      void answered.then(() => {
        port.close();
        state.close();
      });
    } else if (monotonicNow() < message.expiresAt) {
      const answer = run(state, message).then(post);
      answered = answered.then(() => answer);
    }
  });
  post({ kind: 'opened' });
}

/** Returns the outcome of a call. The store's method is done with the file when the promise is made. */
async function run(state: OperationalState, call: Call): Promise<FromStateThread> {
  const { id, store, method, args } = call;
  try {
    const implementation: unknown = Reflect.get(state[store], method);
    if (typeof implementation !== 'function') throw new TypeError(`${store} has no ${method}`);
    const value: unknown = await Reflect.apply(implementation, state[store], args);
    return { kind: 'returned', id, value };
  } catch (error) {
    return { kind: 'threw', id, reason: reasonOf(error), isUnavailable: isSqliteError(error) };
  }
}

if (parentPort !== null) serve(parentPort, workerData as StateThreadData);
