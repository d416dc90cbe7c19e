import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { reachabilityRegistry, type ReachabilityEvent } from '#domain';
import {
  assertNotRestored,
  backOff,
  hasReached,
  OUTAGE_RETRY,
  type EventStore,
  type Position,
  type RecordedEvent,
  type SeenEvent,
} from '#event-store';
import {
  effectiveTime,
  START,
  toProjectedEvent,
  type Checkpoint,
  type ProjectedEvent,
} from '#projections';
import { PositionWaiters } from '#shared/use-cases/position-waiters';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { logFailure } from '../../platform/log-failure.ts';

export type LogEvent = ProjectedEvent<ReachabilityEvent>;
/** Handles an event. The feed waits for a returned promise before it passes on the next event. */
type LogListener = (event: LogEvent) => void | Promise<void>;
/** Handles an event that cannot be decoded, of which other listeners learn nothing. */
type UnreadableListener = (stream: string, position: Position) => void;

/** Events handled in one turn of the event loop, so that sockets are served while the log grows fast. */
const EVENTS_PER_TURN = 50;

/**
 * Follows the log once per process, for every listener. After a lost connection it continues from the same position,
 * so listeners get each event once, in order.
 */
@Injectable()
export class LogFeed {
  readonly #logger = new Logger(LogFeed.name);
  readonly #listeners: LogListener[] = [];
  readonly #unreadableListeners: UnreadableListener[] = [];
  readonly #stopping = new AbortController();
  /** Position up to which the listeners have handled every event. */
  readonly #progress = new PositionWaiters();
  #checkpoint: Checkpoint = START;
  #running: Promise<void> | null = null;

  constructor(
    @Inject(EVENT_STORE)
    private readonly store: Pick<EventStore, 'subscribe' | 'head' | 'eventIdAt'>,
  ) {}

  /** Position of the last event that the listeners have handled. */
  get position(): Position | null {
    return this.#progress.position;
  }

  /** The last event that the feed has read; null before the first. */
  get lastEvent(): SeenEvent | null {
    return this.#checkpoint.lastEvent;
  }

  /**
   * Returns true once the listeners have handled every event up to a position that another follower of the log has
   * reached; false after `timeoutMs`.
   */
  async waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    if (hasReached(this.position, position)) return true;
    // Followers can have a checkpoint between two events, which this feed would never reach.
    const head = await this.store.head();
    return this.#progress.waitFor(hasReached(head, position) ? position : head, timeoutMs);
  }

  /**
   * Returns whether the listeners have handled every event up to a position that another node names: `seen`;
   * `behind`, if not within `timeoutMs`; or `beyond` the end of the log.
   */
  async positionStatus(
    position: Position,
    timeoutMs: number,
  ): Promise<'seen' | 'behind' | 'beyond'> {
    if (hasReached(this.position, position)) return 'seen';
    if (!hasReached(await this.store.head(), position)) return 'beyond';
    return (await this.#progress.waitFor(position, timeoutMs)) ? 'seen' : 'behind';
  }

  /** Adds a listener; those added before stay. Call it before {@link start}. */
  onEvent(listener: LogListener, onUnreadable?: UnreadableListener): void {
    this.#listeners.push(listener);
    if (onUnreadable !== undefined) this.#unreadableListeners.push(onUnreadable);
  }

  /** Follows the log from the event after `after` on. */
  start(after: Checkpoint): void {
    this.#checkpoint = after;
    this.#progress.advanceTo(after.position);
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    let events = 0;
    for (;;) {
      try {
        await assertNotRestored(this.store, this.lastEvent, 'the log feed');
        const after = this.#checkpoint.position;
        for await (const message of this.store.subscribe({ after, signal })) {
          failures = 0;
          if (message.kind === 'event') {
            const handled = this.#handle(message.event);
            if (handled !== null) await handled;
            this.#progress.advanceTo(message.event.position);
            events += 1;
            if (events % EVENTS_PER_TURN === 0) await nextTurn();
          } else this.#advance(message.position);
        }
        signal.throwIfAborted();
        throw new Error('the subscription ended');
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        logFailure(this.#logger, 'warn', 'Lost the subscription to the log, reconnecting', error);
        await backOff(OUTAGE_RETRY, failures, signal);
      }
    }
  }

  /** Decodes an event and passes it on. Returns null unless a listener asks the feed to wait. */
  #handle(recorded: RecordedEvent): Promise<unknown> | null {
    const { stream, revision, position, id, metadata } = recorded;
    const effectiveAt = effectiveTime(this.#checkpoint.effectiveAt, metadata);
    const lastEvent = { position, id };
    this.#checkpoint = { ...this.#checkpoint, position, effectiveAt, lastEvent };
    let event: ReachabilityEvent;
    try {
      event = reachabilityRegistry.decode(recorded);
    } catch (error) {
      this.#logger.error(
        new LogEntry(`Cannot decode event ${stream}@${revision}: ${String(error)}`, { error }),
      );
      for (const listener of this.#unreadableListeners) listener(stream, position);
      return null;
    }
    return this.#dispatch(toProjectedEvent(recorded, event, effectiveAt));
  }

  /** Calls every listener, even after one has failed. */
  #dispatch(event: LogEvent): Promise<unknown> | null {
    let pending: Promise<void>[] | null = null;
    for (const listener of this.#listeners) {
      try {
        const handled = listener(event);
        if (handled instanceof Promise) {
          (pending ??= []).push(handled.catch((error: unknown) => this.#logFailure(event, error)));
        }
      } catch (error) {
        this.#logFailure(event, error);
      }
    }
    return pending === null ? null : Promise.all(pending);
  }

  #logFailure({ stream, revision }: LogEvent, error: unknown): void {
    this.#logger.error(
      new LogEntry(`A listener failed on event ${stream}@${revision}: ${String(error)}`, { error }),
    );
  }

  #advance(position: Position | null): void {
    if (!hasReached(this.#checkpoint.position, position)) {
      this.#checkpoint = { ...this.#checkpoint, position };
    }
  }
}
