import { LRUCache } from 'lru-cache';
import { serviceStream } from '#domain';
import type {
  EventLog,
  Position,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#event-store';
import { stateAt } from './states-at.ts';
import { targetOf } from './target.ts';

const SERVICES_REMEMBERED = 10_000;

/** What of the log it takes to follow it, and to look back. */
type FollowedLog = Pick<EventLog, 'subscribe' | 'readStream'>;

/** Settles once the intake has written everything up to a place, or when the signal aborts. */
export type Written = (position: Position, signal: AbortSignal | undefined) => Promise<void>;

/**
 * The log with the Users left out whose Services want no webhooks: of those only the places come through, so that
 * they cost next to nothing. A Service that wanted some since the subscription began stays in. Where one begins to
 * want them, the log pauses until the intake has written what came before: its Users are then looked up as of that
 * place, with all that was left out.
 */
export class FilteredLog implements Pick<EventLog, 'subscribe'> {
  readonly #log: FollowedLog;
  readonly #written: Written;

  constructor(log: FollowedLog, written: Written) {
    this.#log = log;
    this.#written = written;
  }

  async *subscribe(options: SubscribeOptions = {}): AsyncGenerator<SubscriptionMessage> {
    const wanted = new LRUCache<string, boolean>({ max: SERVICES_REMEMBERED });
    for await (const message of this.#log.subscribe(options)) {
      if (message.kind !== 'event') {
        yield message;
        continue;
      }
      const { event } = message;
      if (await this.#matters(event, wanted)) yield message;
      else yield { kind: 'checkpoint', position: event.position };
      if (event.type === 'ServiceUpdated' && wanted.get(event.stream) !== true) {
        const wants = await this.#wants(event.stream, event.position);
        wanted.set(event.stream, wants);
        if (wants) await this.#written(event.position, options.signal);
      }
    }
  }

  async #matters(event: RecordedEvent, wanted: LRUCache<string, boolean>): Promise<boolean> {
    const service = serviceOf(event);
    if (service === null) return true;
    const known = wanted.get(service);
    if (known !== undefined) return known;
    const wants = await this.#wants(service, event.position);
    wanted.set(service, wants);
    return wants;
  }

  async #wants(stream: string, position: Position): Promise<boolean> {
    const found = await stateAt(this.#log, stream, position);
    if (found.kind === 'unreadable') return true;
    return found.state?.kind === 'service' && targetOf(found.state) !== null;
  }
}

/** Stream of the Service that a User's event names; null where the event is none of a User, or damaged. */
function serviceOf({ stream, data }: RecordedEvent): string | null {
  if (!stream.startsWith('user-') || !('serviceSid' in data)) return null;
  return typeof data.serviceSid === 'string' ? serviceStream(data.serviceSid) : null;
}
