import { Injectable } from '@nestjs/common';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { LogFeed, type LogEvent } from './log-feed.ts';

/** Records the events of the log feed, from which watchers learn of changes, before reads may be older than them. */
@Injectable()
export class PublishedEvents {
  constructor(
    feed: LogFeed,
    private readonly published: PublishedPositions,
  ) {
    feed.onEvent((event) => this.#onEvent(event));
  }

  #onEvent({ event: { data }, position }: LogEvent): void {
    if ('serviceSid' in data) this.published.record(position, data);
  }
}
