import { randomUUID } from 'node:crypto';
import { errorMessage } from '#domain';
import type { StoreHealthRecord } from '../../store-health.ts';
import { LogClientError, type LogClient } from './log-client.ts';

/** This stream is outside the log. It is written only while writes are refused. */
const STREAM = 'reachability-write-check';
/** Milliseconds between two attempts to write. */
const CHECK_EVERY_MS = 1_000;
/** A server that has answered a read within this time, in milliseconds, is there. */
const ANSWERED_WITHIN_MS = 1_500;
/** Appends without an answer, one after another, that are no coincidence. */
const UNANSWERED = 2;

/** Notices that the server answers, but refuses writes or does not answer them, and then tries until it can be written. */
export class WriteCheck {
  readonly #client: Pick<LogClient, 'append' | 'keepLastEventOnly'>;
  readonly #health: StoreHealthRecord;
  readonly #everyMs: number;
  #unanswered = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    client: Pick<LogClient, 'append' | 'keepLastEventOnly'>,
    health: StoreHealthRecord,
    everyMs = CHECK_EVERY_MS,
  ) {
    this.#client = client;
    this.#health = health;
    this.#everyMs = everyMs;
  }

  succeeded(): void {
    this.#unanswered = 0;
    this.#health.writeSucceeded();
  }

  /** Call it with the error of an append. */
  failed(error: unknown): void {
    if (!(error instanceof LogClientError)) return;
    if (error.failure === 'refused') {
      this.#setFault(`EventStoreDB refuses writes: ${error.message}`);
    } else if (error.failure === 'no_answer') {
      this.#unanswered += 1;
      if (this.#unanswered >= UNANSWERED && this.#isAnswering()) {
        this.#setFault('EventStoreDB answers reads, but no writes');
      }
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #isAnswering(): boolean {
    const { state, lastGoodReadAt } = this.#health.health;
    return state !== 'away' && Date.now() - (lastGoodReadAt ?? 0) <= ANSWERED_WITHIN_MS;
  }

  #setFault(reason: string): void {
    this.#health.setWriteFault(reason);
    this.#timer ??= setInterval(() => void this.#tryToWrite(), this.#everyMs).unref();
  }

  async #tryToWrite(): Promise<void> {
    const event = { id: randomUUID(), type: 'WriteChecked', data: {}, metadata: {} };
    try {
      await this.#client.append(STREAM, 'any', [event]);
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
      this.succeeded();
      await this.#client.keepLastEventOnly(STREAM);
    } catch (error) {
      if (error instanceof LogClientError && error.failure === 'refused') {
        this.#setFault(`EventStoreDB refuses writes: ${errorMessage(error)}`);
      }
    }
  }
}
