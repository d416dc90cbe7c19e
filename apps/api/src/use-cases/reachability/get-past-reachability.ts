import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { PastUser } from '#read-model';
import { TimelineReader, type TimelineAnswer } from './timeline-reader.ts';

/** A User as it was at a moment of the past; nothing is found where there was no such User then. */
export class GetPastReachability extends Query<TimelineAnswer<PastUser>> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    /** ISO 8601, UTC with milliseconds. */
    readonly at: string,
  ) {
    super();
  }
}

@QueryHandler(GetPastReachability)
export class GetPastReachabilityHandler implements IQueryHandler<GetPastReachability> {
  constructor(private readonly timeline: TimelineReader) {}

  execute(query: GetPastReachability): Promise<TimelineAnswer<PastUser>> {
    const { serviceSid, sidOrIdentity, at } = query;
    return this.timeline.asOf(serviceSid, resolveUserSid(serviceSid, sidOrIdentity), at);
  }
}
