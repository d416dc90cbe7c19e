import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { HistoryInterval, Page, PageRequest } from '#read-model';
import { TimelineReader, type TimelineAnswer } from './timeline-reader.ts';

/** Intervals of a User, newest first; nothing is found where there never was such a User. */
export class GetReachabilityHistory extends Query<TimelineAnswer<Page<HistoryInterval>>> {
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
  constructor(private readonly timeline: TimelineReader) {}

  execute(query: GetReachabilityHistory): Promise<TimelineAnswer<Page<HistoryInterval>>> {
    return this.timeline.history(query.serviceSid, query.userSid, query.page);
  }
}
