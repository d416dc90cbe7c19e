import type { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { DomainError } from '#domain';
import { backOff, OUTAGE_RETRY } from '#event-store';
import { systemContext } from '#shared/use-cases/system-context';
import { RecordConnectionClose } from '../../use-cases/connections/record-connection-close.ts';
import { InFlight } from './in-flight.ts';
import type { CloseDetails } from './session.ts';
import { logFailure } from '../../platform/log-failure.ts';

/** Closes recorded concurrently: enough for group commits of the log, few enough to keep serving sockets. */
const MAX_CONCURRENT = 32;

/** A Connection whose close has to be recorded. */
interface ClosedConnection extends CloseDetails {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly actor: string;
}

/** Records closes of Connections in the log. It retries each until the log has it, a few at a time. */
export class CloseRecorder {
  readonly #commands: CommandBus;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #queue: ClosedConnection[] = [];
  /** Index of the first one in the queue that is not in progress. */
  #next = 0;
  readonly #inFlight = new InFlight();

  constructor(commands: CommandBus, logger: Logger) {
    this.#commands = commands;
    this.#logger = logger;
  }

  /** Does nothing after {@link stop}. */
  record(closed: ClosedConnection): void {
    if (this.#stopping.signal.aborted) return;
    this.#queue.push(closed);
    this.#recordNext();
  }

  /** Settles once everything is recorded or given up. */
  idle(): Promise<void> {
    return this.#inFlight.idle();
  }

  /**
   * Drops the closes that are not in progress, and does not retry the others. Other nodes find and record them after
   * this node has ended.
   */
  stop(): void {
    this.#stopping.abort();
    this.#queue.length = 0;
    this.#next = 0;
  }

  #recordNext(): void {
    while (this.#inFlight.count < MAX_CONCURRENT) {
      const closed = this.#queue[this.#next];
      if (closed === undefined) break;
      this.#next += 1;
      this.#inFlight.begin();
      // It may follow the close of another client, of whose trace it is no part.
      void context
        .with(ROOT_CONTEXT, () => this.#record(closed))
        .finally(() => {
          this.#inFlight.end();
          this.#recordNext();
        });
    }
    if (this.#next === this.#queue.length) {
      this.#queue.length = 0;
      this.#next = 0;
    }
  }

  async #record({ connectionSid, userSid, cause, lastSeenAt, actor }: ClosedConnection) {
    const command = new RecordConnectionClose({
      userSid,
      connectionSid,
      cause,
      lastSeenAt,
      context: systemContext(actor, connectionSid),
    });
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#commands.execute(command);
        return;
      } catch (error) {
        // It was closed by another process, or never opened.
        if (error instanceof DomainError) return;
        logFailure(
          this.#logger,
          'warn',
          `Cannot record the close of ${connectionSid}; retrying`,
          error,
        );
        if (this.#stopping.signal.aborted) return;
        await backOff(OUTAGE_RETRY, failures, this.#stopping.signal);
      }
    }
  }
}
