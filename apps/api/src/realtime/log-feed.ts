import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ReachabilityEvent } from '#domain';
import {
  backOff,
  reached,
  reachabilityRegistry,
  type EventStore,
  type Position,
  type RecordedEvent,
  type RetryPolicy,
} from '#event-store';
import { effectiveTime, START, type Checkpoint, type ProjectedEvent } from '#projections';
import { PositionWaiters } from '../infrastructure/position-waiters.ts';
import { EVENT_STORE } from '../infrastructure/tokens.ts';

export type LogEvent = ProjectedEvent<ReachabilityEvent>;
/** What of the event store it takes to follow the log. */
export type FollowedLog = Pick<EventStore, 'subscribe' | 'head'>;
export type LogListener = (event: LogEvent) => void;

const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 20, capMs: 2_000 };

/**
 * The log as it grows, once per process, for all who follow it in memory. It goes on from where it was after a
 * lost connection, so listeners see every event, in order, once.
 */
@Injectable()
export class LogFeed {
  readonly #logger = new Logger(LogFeed.name);
  readonly #events: FollowedLog;
  readonly #listeners: LogListener[] = [];
  readonly #abort = new AbortController();
  readonly #seen = new PositionWaiters();
  #checkpoint: Checkpoint = START;
  #running: Promise<void> | null = null;

  constructor(@Inject(EVENT_STORE) events: FollowedLog) {
    this.#events = events;
  }

  /** Place of the last event that the listeners have seen. */
  get position(): Position | null {
    return this.#seen.position;
  }

  /**
   * True once the listeners have seen everything up to a place that another follower of the log has reached;
   * false when that takes longer than `timeoutMs`.
   */
  async hasSeen(place: Position | null, timeoutMs: number): Promise<boolean> {
    if (reached(this.position, place)) return true;
    // Followers may stand between events, where none but themselves would ever come to stand.
    const head = await this.#events.head();
    return this.#seen.waitFor(reached(head, place) ? place : head, timeoutMs);
  }

  listen(listener: LogListener): void {
    this.#listeners.push(listener);
  }

  /** Follows the log from `after` on. */
  start(after: Checkpoint): void {
    this.#checkpoint = after;
    this.#seen.advanceTo(after.position);
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
        for await (const message of this.#events.subscribe({
          after: this.#checkpoint.position,
          signal,
        })) {
          failures = 0;
          if (message.kind === 'event') this.#take(message.event);
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

  #take(recorded: RecordedEvent): void {
    const { stream, revision, position, metadata } = recorded;
    const effectiveAt = effectiveTime(this.#checkpoint.effectiveAt, metadata.occurredAt);
    this.#checkpoint = { ...this.#checkpoint, position, effectiveAt };
    try {
      const event = reachabilityRegistry.decode(recorded);
      this.#dispatch({ event, stream, revision, position, effectiveAt, metadata });
    } catch (error) {
      this.#logger.error(`Event at ${stream}@${revision} cannot be read: ${String(error)}`);
    }
    this.#seen.advanceTo(position);
  }

  /** A listener that fails keeps nothing from the others. */
  #dispatch(event: LogEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        const { stream, revision } = event;
        this.#logger.error(`Event at ${stream}@${revision} was not followed: ${String(error)}`);
      }
    }
  }

  #advance(position: Position | null): void {
    if (!reached(this.#checkpoint.position, position)) {
      this.#checkpoint = { ...this.#checkpoint, position };
    }
  }
}
