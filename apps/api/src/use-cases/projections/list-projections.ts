import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectionStatus } from '#projections';
import type { Stores } from '#shared/composition/stores';
import { listProjections } from '#shared/use-cases/projections';
import { CLOCK, STORES, type Clock } from '../../platform/injection-tokens.ts';

/** The status of every projection. */
export class ListProjections extends Query<readonly ProjectionStatus[]> {}

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute(): Promise<ProjectionStatus[]> {
    return listProjections(this.stores, this.clock());
  }
}
