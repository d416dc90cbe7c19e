import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import { DomainError, userStream } from '#domain';
import { backOff, type BackOff } from '#event-store';
import type { Aggregates } from '#shared/use-cases/aggregates';
import type { Closing } from './session.ts';
import { InFlight } from './in-flight.ts';

/** Waits between attempts to record a close, which must not get lost while the process lives. */
const RETRY: BackOff = { baseMs: 100, capMs: 5_000 };
/** Closes recorded side by side: enough for the log to commit them in groups, few enough to let sockets be served. */
const SIDE_BY_SIDE = 32;

/** A Connection to be closed in the log, and by whom. */
export interface CloseOrder extends Closing {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly actor: string;
}

/** Records that Connections have ended, each until the log has it, however many end at once. */
export class CloseRecorder {
  readonly #aggregates: Aggregates;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #orders: CloseOrder[] = [];
  /** Of the orders, those before it are under way. */
  #next = 0;
  readonly #recording = new InFlight();

  constructor(aggregates: Aggregates, logger: Logger) {
    this.#aggregates = aggregates;
    this.#logger = logger;
  }

  record(order: CloseOrder): void {
    this.#orders.push(order);
    this.#fill();
  }

  /** Settles once everything is recorded, or given up. */
  settled(): Promise<void> {
    return this.#recording.done();
  }

  /** Tries nothing again. What is not recorded then, others find when this node has ended. */
  stop(): void {
    this.#stopping.abort();
  }

  #fill(): void {
    while (this.#recording.count < SIDE_BY_SIDE) {
      const order = this.#orders[this.#next];
      if (order === undefined) break;
      this.#next += 1;
      this.#recording.begin();
      void this.#recorded(order).finally(() => {
        this.#recording.end();
        this.#fill();
      });
    }
    if (this.#next === this.#orders.length) {
      this.#orders.length = 0;
      this.#next = 0;
    }
  }

  async #recorded({ connectionSid, userSid, cause, lastSeenAt, actor }: CloseOrder): Promise<void> {
    const commandId = randomUUID();
    const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt } as const;
    const context = { commandId, correlationId: connectionSid, actor };
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#aggregates.users.handle(userStream(userSid), command, context);
        return;
      } catch (error) {
        // What the rules refuse has been closed by somebody else, or was never open.
        if (error instanceof DomainError) return;
        this.#logger.warn(`The close of ${connectionSid} is not recorded yet: ${String(error)}`);
        if (this.#stopping.signal.aborted) return;
        await backOff(RETRY, failures, this.#stopping.signal);
      }
    }
  }
}
