import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid, serviceStream, userStream } from '#domain';
import type { EventStore } from '#event-store';
import { readEventPage, type EventFilter, type EventPage, type PageRequest } from '#read-model';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';

/** The events of a Service, or of one of its Users, newest first; null where there never was one. */
export class ListEvents extends Query<EventPage | null> {
  constructor(
    readonly serviceSid: string,
    /** Sid or identity; null for the Service's own events. */
    readonly user: string | null,
    readonly filter: EventFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListEvents)
export class ListEventsHandler implements IQueryHandler<ListEvents> {
  constructor(@Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'readStream'>) {}

  async execute({ serviceSid, user, filter, page }: ListEvents): Promise<EventPage | null> {
    if (user === null) {
      return readEventPage(this.events, serviceStream(serviceSid), filter, page);
    }
    const stream = userStream(resolveUserSid(serviceSid, user));
    const isOfService = await this.#isOfService(stream, serviceSid);
    return isOfService ? readEventPage(this.events, stream, filter, page) : null;
  }

  /** A sid may be that of another Service's User. */
  async #isOfService(stream: string, serviceSid: string): Promise<boolean> {
    for await (const { data } of this.events.readStream(stream, { limit: 1 })) {
      return 'serviceSid' in data && data.serviceSid === serviceSid;
    }
    return false;
  }
}
