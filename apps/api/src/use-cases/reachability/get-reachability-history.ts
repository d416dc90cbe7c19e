import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { HistoryInterval, Page, PageRequest, TimelineReadModel } from '#read-model';
import { TIMELINE_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Intervals of a User, newest first; null where there never was such a User. */
export class GetReachabilityHistory extends Query<Page<HistoryInterval> | null> {
  constructor(
    readonly serviceSid: string,
    readonly userSid: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(GetReachabilityHistory)
export class GetReachabilityHistoryHandler implements IQueryHandler<GetReachabilityHistory> {
  readonly #timeline: TimelineReadModel;

  constructor(@Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel) {
    this.#timeline = timeline;
  }

  execute({
    serviceSid,
    userSid,
    page,
  }: GetReachabilityHistory): Promise<Page<HistoryInterval> | null> {
    return this.#timeline.history(serviceSid, userSid, page);
  }
}
