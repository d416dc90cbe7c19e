import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ReachabilityEvent } from '#domain';
import {
  backOff,
  reachabilityRegistry,
  type EventStore,
  type Position,
  type RecordedEvent,
  type RetryPolicy,
} from '#event-store';
import { effectiveTime, START, type Checkpoint, type ProjectedEvent } from '#projections';
import { EVENT_STORE } from '../infrastructure/tokens.ts';

export type LogEvent = ProjectedEvent<ReachabilityEvent>;
export type LogListener = (event: LogEvent) => void;

const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 20, capMs: 2_000 };

/**
 * The log as it grows, once per process, for all who follow it in memory. It goes on from where it was after a
 * lost connection, so listeners see every event, in order, once.
 */
@Injectable()
export class LogFeed {
  readonly #logger = new Logger(LogFeed.name);
  readonly #events: EventStore;
  readonly #listeners: LogListener[] = [];
  readonly #abort = new AbortController();
  #checkpoint: Checkpoint = START;
  #running: Promise<void> | null = null;

  constructor(@Inject(EVENT_STORE) events: EventStore) {
    this.#events = events;
  }

  /** Place of the last event that the listeners have seen. */
  get position(): Position | null {
    return this.#checkpoint.position;
  }

  listen(listener: LogListener): void {
    this.#listeners.push(listener);
  }

  /** Follows the log from `after` on. */
  start(after: Checkpoint): void {
    this.#checkpoint = after;
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let failures = 0;
    for (;;) {
      try {
        for await (const message of this.#events.subscribe({ after: this.position, signal })) {
          failures = 0;
          if (message.kind === 'event') this.#dispatch(message.event);
          else this.#advance(message.position);
        }
        signal.throwIfAborted();
        throw new Error('the subscription ended');
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        this.#logger.warn(`The log cannot be followed: ${String(error)}`);
        await backOff(RETRY, failures, signal);
      }
    }
  }

  #dispatch(recorded: RecordedEvent): void {
    const { stream, revision, position, metadata } = recorded;
    const effectiveAt = effectiveTime(this.#checkpoint.effectiveAt, metadata.occurredAt);
    this.#checkpoint = { position, effectiveAt };
    let event: ReachabilityEvent;
    try {
      event = reachabilityRegistry.decode(recorded);
    } catch (error) {
      this.#logger.error(`Event at ${stream}@${revision} cannot be read: ${String(error)}`);
      return;
    }
    const projected = { event, stream, revision, position, effectiveAt, metadata };
    for (const listener of this.#listeners) listener(projected);
  }

  #advance(position: Position | null): void {
    if ((position ?? '') > (this.position ?? '')) {
      this.#checkpoint = { ...this.#checkpoint, position };
    }
  }
}
