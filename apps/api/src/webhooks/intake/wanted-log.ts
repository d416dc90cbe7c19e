import { LRUCache } from 'lru-cache';
import { serviceStream } from '#domain';
import type {
  EventStore,
  Position,
  RecordedEvent,
  SubscribeOptions,
  SubscriptionMessage,
} from '#event-store';
import { stateAt } from './states-at.ts';
import { targetOf } from './target.ts';

const SERVICES_REMEMBERED = 10_000;

/**
 * The log with the Users left out whose Services want no webhooks: of those only the places come through, so that
 * they cost next to nothing. A Service that wanted some since the subscription began stays in.
 */
export class WantedLog implements Pick<EventStore, 'subscribe'> {
  readonly #log: EventStore;

  constructor(log: EventStore) {
    this.#log = log;
  }

  async *subscribe(options?: SubscribeOptions): AsyncGenerator<SubscriptionMessage> {
    const wanted = new LRUCache<string, boolean>({ max: SERVICES_REMEMBERED });
    for await (const message of this.#log.subscribe(options)) {
      if (message.kind !== 'event' || (await this.#matters(message.event, wanted))) yield message;
      else yield { kind: 'checkpoint', position: message.event.position };
    }
  }

  async #matters(event: RecordedEvent, wanted: LRUCache<string, boolean>): Promise<boolean> {
    if (event.stream.startsWith('service-')) {
      // What it wants from here on is looked up when its next User comes.
      if (wanted.get(event.stream) === false) wanted.delete(event.stream);
      return true;
    }
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

/** Stream of the Service that a User's event names; null where the event is of another kind, or damaged. */
function serviceOf({ stream, data }: RecordedEvent): string | null {
  if (!stream.startsWith('user-') || !('serviceSid' in data)) return null;
  return typeof data.serviceSid === 'string' ? serviceStream(data.serviceSid) : null;
}
