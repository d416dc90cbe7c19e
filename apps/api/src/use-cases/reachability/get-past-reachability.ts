import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { PastUser, TimelineReadModel } from '#read-model';
import { TIMELINE_READ_MODEL } from '../../platform/injection-tokens.ts';

/** What the answer about a User rested on at a moment, or null where there was no such User then. */
export class GetPastReachability extends Query<PastUser | null> {
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
  readonly #timeline: TimelineReadModel;

  constructor(@Inject(TIMELINE_READ_MODEL) timeline: TimelineReadModel) {
    this.#timeline = timeline;
  }

  execute({ serviceSid, sidOrIdentity, at }: GetPastReachability): Promise<PastUser | null> {
    return this.#timeline.asOf(serviceSid, resolveUserSid(serviceSid, sidOrIdentity), at);
  }
}
