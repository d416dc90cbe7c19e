import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { isSid } from '#domain';
import type { ProjectionJob } from '#operational-state';
import type { Stores } from '#shared/composition/stores';
import { findProjection } from '#shared/use-cases/projections';
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

  async execute({ projection, sid }: GetJob): Promise<ProjectionJob | null> {
    if (!isSid('JB', sid) || findProjection(this.stores, projection) === null) return null;
    return this.stores.operations.projectionJobs.find(projection, sid);
  }
}
