import { LRUCache } from 'lru-cache';
import { isUserStream, serviceStream } from '#domain';
import type {
  EventLog,
  Position,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#event-store';
import { streamStateAt } from './stream-state-at.ts';
import { targetOf } from './webhook-target.ts';

const SERVICES_CACHED = 10_000;

/** The part of the log that is needed to follow it and to look back. */
type FollowedLog = Pick<EventLog, 'subscribe' | 'readStream' | 'eventIdAt' | 'head'>;

/** Settles once the enqueuer has written everything up to a position, or when the signal aborts. */
type WaitUntilWritten = (position: Position, signal: AbortSignal | undefined) => Promise<void>;

/**
 * The log without events of Users whose Services have no webhook; their positions come as checkpoints, so they cost next
 * to nothing. Once subscribed, a Service stays included for this subscription. When a Service subscribes, the log pauses
 * until the enqueuer has written everything before, so that its Users' states can be derived as of that position, with
 * the events that were left out.
 */
export class FilteredLog implements Pick<EventLog, 'subscribe' | 'eventIdAt' | 'head'> {
  readonly #log: FollowedLog;
  readonly #waitUntilWritten: WaitUntilWritten;

  constructor(log: FollowedLog, waitUntilWritten: WaitUntilWritten) {
    this.#log = log;
    this.#waitUntilWritten = waitUntilWritten;
  }

  eventIdAt(position: Position): Promise<string | null> {
    return this.#log.eventIdAt(position);
  }

  head(): Promise<Position | null> {
    return this.#log.head();
  }

  async *subscribe(options: SubscribeOptions = {}): AsyncGenerator<SubscriptionMessage> {
    const subscribed = new LRUCache<string, boolean>({ max: SERVICES_CACHED });
    for await (const message of this.#log.subscribe(options)) {
      if (message.kind !== 'event') {
        yield message;
        continue;
      }
      const { event } = message;
      if (await this.#isIncluded(event, subscribed)) yield message;
      else yield { kind: 'checkpoint', position: event.position, eventId: event.id };
      if (event.type === 'ServiceUpdated' && subscribed.get(event.stream) !== true) {
        const subscribes = await this.#subscribes(event.stream, event.position);
        subscribed.set(event.stream, subscribes);
        if (subscribes) await this.#waitUntilWritten(event.position, options.signal);
      }
    }
  }

  async #isIncluded(event: RecordedEvent, subscribed: LRUCache<string, boolean>): Promise<boolean> {
    const service = serviceOf(event);
    if (service === null) return true;
    const known = subscribed.get(service);
    if (known !== undefined) return known;
    const subscribes = await this.#subscribes(service, event.position);
    subscribed.set(service, subscribes);
    return subscribes;
  }

  async #subscribes(stream: string, position: Position): Promise<boolean> {
    const found = await streamStateAt(this.#log, stream, position);
    if (found.kind === 'unreadable') return true;
    return found.state?.kind === 'service' && targetOf(found.state) !== null;
  }
}

/** Stream of the Service that a User's event names; null for other events and damaged ones. */
function serviceOf({ stream, data }: RecordedEvent): string | null {
  if (!isUserStream(stream) || !('serviceSid' in data)) return null;
  return typeof data.serviceSid === 'string' ? serviceStream(data.serviceSid) : null;
}
