import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectionJob } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import { STORES } from '../../platform/injection-tokens.ts';

/** One job on a projection; null where there is none, or where it was deleted after many later ones. */
export class GetJob extends Query<ProjectionJob | null> {
  constructor(
    readonly projection: string,
    readonly sid: string,
  ) {
    super();
  }
}

@QueryHandler(GetJob)
export class GetJobHandler implements IQueryHandler<GetJob> {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  execute({ projection, sid }: GetJob): Promise<ProjectionJob | null> {
    return this.stores.operations.projectionJobs.find(projection, sid);
  }
}
