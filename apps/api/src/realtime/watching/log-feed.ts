import { setImmediate as nextTurn } from 'node:timers/promises';
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
import { PositionWaiters } from '#shared/use-cases/position-waiters';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';

export type LogEvent = ProjectedEvent<ReachabilityEvent>;
/** What of the event store it takes to follow the log. */
export type FollowedLog = Pick<EventStore, 'subscribe' | 'head'>;
/** The log waits where a listener answers a promise: no later event comes before that has settled. */
export type LogListener = (event: LogEvent) => void | Promise<void>;
/** Told of an event that cannot be read, lest its absence go unnoticed. */
export type UnreadableListener = (stream: string, position: Position) => void;

/** Events followed between two turns of the event loop: where the log grows fast, sockets are served in between. */
const FOLLOWED_AT_ONCE = 50;
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
  readonly #unreadable: UnreadableListener[] = [];
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

  /**
   * Where a place that another node speaks of stands: `seen` by the listeners, within `timeoutMs`; still to come
   * (`behind`); or `beyond` the end of the log, where no place of it can be.
   */
  async standing(place: Position, timeoutMs: number): Promise<'seen' | 'behind' | 'beyond'> {
    if (reached(this.position, place)) return 'seen';
    if (!reached(await this.#events.head(), place)) return 'beyond';
    return (await this.#seen.waitFor(place, timeoutMs)) ? 'seen' : 'behind';
  }

  listen(listener: LogListener, unreadable?: UnreadableListener): void {
    this.#listeners.push(listener);
    if (unreadable !== undefined) this.#unreadable.push(unreadable);
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
    let events = 0;
    for (;;) {
      try {
        for await (const message of this.#events.subscribe({
          after: this.#checkpoint.position,
          signal,
        })) {
          failures = 0;
          if (message.kind === 'event') {
            const followed = this.#take(message.event);
            if (followed !== null) await followed;
            this.#seen.advanceTo(message.event.position);
            events += 1;
            if (events % FOLLOWED_AT_ONCE === 0) await nextTurn();
          } else this.#advance(message.position);
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

  /** Null where no listener asks to be waited for. */
  #take(recorded: RecordedEvent): Promise<unknown> | null {
    const { stream, revision, position, metadata } = recorded;
    const effectiveAt = effectiveTime(this.#checkpoint.effectiveAt, metadata.occurredAt);
    this.#checkpoint = { ...this.#checkpoint, position, effectiveAt };
    let event: ReachabilityEvent;
    try {
      event = reachabilityRegistry.decode(recorded);
    } catch (error) {
      this.#logger.error(`Event at ${stream}@${revision} cannot be read: ${String(error)}`);
      for (const listener of this.#unreadable) listener(stream, position);
      return null;
    }
    return this.#dispatch({ event, stream, revision, position, effectiveAt, metadata });
  }

  /** A listener that fails keeps nothing from the others. */
  #dispatch(event: LogEvent): Promise<unknown> | null {
    let waited: Promise<void>[] | null = null;
    for (const listener of this.#listeners) {
      try {
        const followed = listener(event);
        if (followed instanceof Promise) {
          (waited ??= []).push(followed.catch((error: unknown) => this.#complain(event, error)));
        }
      } catch (error) {
        this.#complain(event, error);
      }
    }
    return waited === null ? null : Promise.all(waited);
  }

  #complain({ stream, revision }: LogEvent, error: unknown): void {
    this.#logger.error(`Event at ${stream}@${revision} was not followed: ${String(error)}`);
  }

  #advance(position: Position | null): void {
    if (!reached(this.#checkpoint.position, position)) {
      this.#checkpoint = { ...this.#checkpoint, position };
    }
  }
}
