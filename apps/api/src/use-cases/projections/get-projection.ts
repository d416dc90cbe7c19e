import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectionStatus } from '#projections';
import type { Stores } from '#shared/composition/stores';
import { getProjection } from '#shared/use-cases/projections';
import { CLOCK, STORES, type Clock } from '../../platform/injection-tokens.ts';

/** The status of a projection; null where there is none of that name. */
export class GetProjection extends Query<ProjectionStatus | null> {
  constructor(readonly name: string) {
    super();
  }
}

@QueryHandler(GetProjection)
export class GetProjectionHandler implements IQueryHandler<GetProjection> {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ name }: GetProjection): Promise<ProjectionStatus | null> {
    return getProjection(this.stores, name, this.clock());
  }
}
