import { Worker } from 'node:worker_threads';
import { AppendOutcomeUnknownError, EventStoreUnavailableError } from '../../errors.ts';
import type { EventStoreError } from '../../errors.ts';
import type { StoreHealthRecord } from '../../store-health.ts';
import { threadFile } from '../../thread-file.ts';
import type { Epochs } from './file-format.ts';
import type { Answer, WriterOutput, WriterInput, WriterOptions, WriteRequest } from './protocol.ts';
import { UnsupportedFileError } from './sqlite-errors.ts';

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: EventStoreError) => void;
}

const { file, execArgv } = threadFile(import.meta.url, './writer-thread');

/** Requests are garbage once they are answered: a larger young generation would only collect them later. */
const YOUNG_GENERATION_MB = 6;

/**
 * The writer thread of this process. All writes go through it, so that neither the disk nor another process's lock
 * blocks the event loop. It keeps the process alive only while requests are pending.
 */
export class Writer {
  readonly #worker: Worker;
  readonly #health: StoreHealthRecord;
  readonly #wakeCounter = new Int32Array(new SharedArrayBuffer(4));
  readonly #unsent: WriteRequest[] = [];
  readonly #pending: Pending[] = [];
  readonly #opened = Promise.withResolvers<Epochs | EventStoreError>();
  readonly #ended = Promise.withResolvers<undefined>();
  #isOpen = false;
  #isClosing = false;
  #failure: EventStoreError | null = null;

  /** @param health records how writes end */
  constructor(path: string, busyTimeoutMs: number, health: StoreHealthRecord) {
    this.#health = health;
    const workerData: WriterOptions = { path, busyTimeoutMs, wakeCounter: this.#wakeCounter };
    this.#worker = new Worker(file, {
      workerData,
      execArgv,
      name: 'event-store-writer',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on('message', (message: WriterOutput) => this.#receive(message));
    this.#worker.on('error', (error: Error) => this.#fail(error.message, error));
    this.#worker.on('exit', (code) => this.#end(code));
  }

  /** Resolves to the epochs of the file, or to the error if it could not be opened. Never rejects. */
  get opened(): Promise<Epochs | EventStoreError> {
    return this.#opened.promise;
  }

  /** True once the thread has failed: it would reject every further request. */
  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  /**
   * Sends a request to the thread and resolves to its answer.
   *
   * @throws AppendOutcomeUnknownError when the thread ends before it answers
   * @throws EventStoreUnavailableError when it never opened the file
   */
  send(request: WriteRequest): Promise<Answer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#pending.length === 0) this.#worker.ref();
    // Requests of one turn of the event loop are sent in one message.
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    this.#unsent.push(request);
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  /** Resolves when all requests are answered, the file is closed and the thread has ended. */
  async close(): Promise<void> {
    this.#flush();
    this.#isClosing = true;
    this.#worker.ref();
    this.#post('close');
    await this.#ended.promise;
  }

  #flush(): void {
    if (this.#unsent.length > 0) this.#post(this.#unsent.splice(0));
  }

  #post(message: WriterInput): void {
    this.#worker.postMessage(message);
    Atomics.add(this.#wakeCounter, 0, 1);
    Atomics.notify(this.#wakeCounter, 0);
  }

  #receive(message: WriterOutput): void {
    switch (message.kind) {
      case 'opened':
        this.#isOpen = true;
        this.#opened.resolve(message.epochs);
        break;
      case 'failed':
        this.#failure = message.unsupported
          ? new UnsupportedFileError(message.reason)
          : new EventStoreUnavailableError(message.reason);
        return; // The thread ends next, and `#end` settles `opened`. Until then the thread keeps the process alive.
      case 'fault':
        this.#health.setWriteFault(message.reason);
        break;
      case 'answers': {
        const answered = this.#pending.splice(0, message.answers.length);
        if (message.answers.some(isWritten)) this.#health.writeSucceeded();
        message.answers.forEach((answer, index) => answered[index]?.resolve(answer));
      }
    }
    // Whoever closes the writer waits for the end of the thread, also when nothing else keeps the process alive.
    if (this.#pending.length === 0 && !this.#isClosing) this.#worker.unref();
  }

  #fail(reason: string, cause?: unknown): void {
    const message = `The writer thread ended: ${reason}`;
    this.#failure ??= this.#isOpen
      ? new AppendOutcomeUnknownError(message, { cause })
      : new EventStoreUnavailableError(message, { cause });
  }

  #end(code: number): void {
    this.#fail(`exit code ${code}`);
    const failure = this.#failure;
    if (failure !== null) {
      this.#opened.resolve(failure);
      for (const { reject } of this.#pending.splice(0)) reject(failure);
    }
    this.#ended.resolve(undefined);
  }
}

function isWritten([kind]: Answer): boolean {
  return kind === 'appended' || kind === 'saved';
}
