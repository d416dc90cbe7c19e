import { Worker } from 'node:worker_threads';
import { AppendOutcomeUnknownError, EventStoreUnavailableError } from '../../errors.ts';
import type { EventStoreError } from '../../errors.ts';
import type { Answer, FromWriter, ToWriter, WriterOptions, WriteRequest } from './protocol.ts';
import { UnsupportedFileError } from './unsupported-file-error.ts';

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: EventStoreError) => void;
}

const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js',
  import.meta.url,
);

/** Requests are forgotten once they are answered: with more room they would only be forgotten later. */
const YOUNG_GENERATION_MB = 6;

/**
 * One writer thread: all writes of this process go through it, so that neither the disk nor another process's
 * lock ever holds up the event loop. It keeps the process alive only while something is pending.
 */
export class Writer {
  readonly #worker: Worker;
  readonly #doorbell = new Int32Array(new SharedArrayBuffer(4));
  readonly #outbox: WriteRequest[] = [];
  readonly #pending: Pending[] = [];
  readonly #opened = Promise.withResolvers<string | EventStoreError>();
  readonly #ended = Promise.withResolvers<undefined>();
  #isOpen = false;
  #failure: EventStoreError | null = null;

  constructor(path: string, busyTimeoutMs: number) {
    const workerData: WriterOptions = { path, busyTimeoutMs, doorbell: this.#doorbell };
    this.#worker = new Worker(THREAD, {
      workerData,
      execArgv: [],
      name: 'event-store-writer',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#worker.on('message', (message: FromWriter) => this.#receive(message));
    this.#worker.on('error', (error: Error) => this.#fail(error.message, error));
    this.#worker.on('exit', (code) => this.#end(code));
  }

  /** Epoch of the file, or why it could not be opened. Never rejects. */
  get opened(): Promise<string | EventStoreError> {
    return this.#opened.promise;
  }

  /** True once the thread has failed; every further request would be refused. */
  get hasEnded(): boolean {
    return this.#failure !== null;
  }

  /**
   * @throws AppendOutcomeUnknownError when the thread ends before it has answered
   * @throws EventStoreUnavailableError when it never opened the file
   */
  send(request: WriteRequest): Promise<Answer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#pending.length === 0) this.#worker.ref();
    // Requests made in one turn of the event loop travel in one message.
    if (this.#outbox.length === 0) process.nextTick(() => this.#flush());
    this.#outbox.push(request);
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  /** Resolves when all that was sent is answered, the file is closed and the thread has ended. */
  async close(): Promise<void> {
    this.#flush();
    this.#worker.ref();
    this.#post('close');
    await this.#ended.promise;
  }

  #flush(): void {
    if (this.#outbox.length > 0) this.#post(this.#outbox.splice(0));
  }

  #post(message: ToWriter): void {
    this.#worker.postMessage(message);
    Atomics.add(this.#doorbell, 0, 1);
    Atomics.notify(this.#doorbell, 0);
  }

  #receive(message: FromWriter): void {
    switch (message.kind) {
      case 'opened':
        this.#isOpen = true;
        this.#opened.resolve(message.epoch);
        break;
      case 'failed':
        this.#failure = message.unsupported
          ? new UnsupportedFileError(message.reason)
          : new EventStoreUnavailableError(message.reason);
        return; // The thread ends, and whoever waits for the file hears of it then: until then it keeps the process.
      case 'answers': {
        const answered = this.#pending.splice(0, message.answers.length);
        message.answers.forEach((answer, index) => answered[index]?.resolve(answer));
      }
    }
    if (this.#pending.length === 0) this.#worker.unref();
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
