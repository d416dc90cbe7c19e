import { Worker } from 'node:worker_threads';
import { threadFile } from '#event-store/thread-file';
import { NewerOperationalStateError, OperationalStateUnavailableError } from '../../../errors.ts';
import type { StoreName } from '../store-classes.ts';
import {
  monotonicNow,
  type FromStateThread,
  type StateThreadData,
  type ToStateThread,
} from './protocol.ts';

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const { file, execArgv } = threadFile(import.meta.url, './state-thread');

/** Arguments and rows are garbage once they are copied: a larger young generation would only collect them later. */
const YOUNG_GENERATION_MB = 2;

/** Times of one call, in milliseconds. */
export interface CallTimes extends Pick<StateThreadData, 'busyTimeoutMs'> {
  /** After this time the caller is told that the stores are unavailable, whatever the thread does. */
  readonly timeoutMs: number;
}

/**
 * One run of the thread that owns the file of operational state. It keeps the process alive only while calls are
 * pending.
 */
export class StateThreadClient {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, PendingCall>();
  readonly #opened = Promise.withResolvers<Error | null>();
  readonly #ended = Promise.withResolvers<undefined>();
  #lastId = 0;
  #isClosing = false;
  #failure: Error | null = null;

  constructor(path: string, { busyTimeoutMs, timeoutMs }: CallTimes) {
    this.#timeoutMs = timeoutMs;
    const workerData: StateThreadData = { path, busyTimeoutMs };
    this.#worker = new Worker(file, {
      workerData,
      execArgv,
      name: 'operational-state',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on('message', (message: FromStateThread) => this.#receive(message));
    this.#worker.on('error', (error: Error) => this.#fail(error.message));
    this.#worker.on('exit', (code) => this.#end(code));
  }

  /** Resolves to null when the file is open, else to the error. Never rejects. */
  get opened(): Promise<Error | null> {
    return this.#opened.promise;
  }

  /** True once the thread has failed: it would reject every further call. */
  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  /**
   * Calls a method of a store in the thread and resolves to what it returns.
   *
   * @throws OperationalStateUnavailableError when the file is locked or not writable, or the thread does not answer
   */
  call(store: StoreName, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#expire(id), this.#timeoutMs).unref();
      this.#post({ id, store, method, args, expiresAt: monotonicNow() + this.#timeoutMs });
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(id, { resolve, reject, timer });
    });
  }

  /** Resolves when the calls sent before are answered, the file is closed and the thread has ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#worker.ref();
    this.#post('close');
    await this.#ended.promise;
  }

  #post(message: ToStateThread): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromStateThread): void {
    switch (message.kind) {
      case 'opened':
        this.#opened.resolve(null);
        break;
      case 'failed':
        this.#failure =
          message.newer === null
            ? new Error(message.reason)
            : new NewerOperationalStateError(message.newer);
        return; // The thread ends next. Until then it keeps the process alive.
      case 'returned':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'threw': {
        const { id, reason, isUnavailable } = message;
        const error = isUnavailable
          ? new OperationalStateUnavailableError(reason)
          : new Error(reason);
        this.#take(id)?.reject(error);
      }
    }
    this.#unrefWhenIdle();
  }

  #expire(id: number): void {
    const reason = `Operational state did not answer within ${this.#timeoutMs} ms`;
    this.#take(id)?.reject(new OperationalStateUnavailableError(reason));
    this.#unrefWhenIdle();
  }

  /** Removes and returns a pending call; undefined if it has expired. */
  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(call?.timer);
    return call;
  }

  #unrefWhenIdle(): void {
    // Whoever closes the file waits for the end of the thread, also when nothing else keeps the process alive.
    if (this.#pending.size === 0 && !this.#isClosing) this.#worker.unref();
  }

  #fail(reason: string): void {
    this.#failure ??= new OperationalStateUnavailableError(
      `The thread of operational state ended: ${reason}`,
    );
  }

  #end(code: number): void {
    this.#fail(`exit code ${code}`);
    this.#opened.resolve(this.#failure);
    const error = this.#failure ?? new OperationalStateUnavailableError('The thread ended');
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
    this.#ended.resolve(undefined);
  }
}
