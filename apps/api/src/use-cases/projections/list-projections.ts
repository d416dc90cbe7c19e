import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectionStatus } from '#projections';
import { ProjectionStatuses } from './projection-statuses.ts';

/** The status of every projection. */
export class ListProjections extends Query<readonly ProjectionStatus[]> {}

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(private readonly statuses: ProjectionStatuses) {}

  execute(): Promise<readonly ProjectionStatus[]> {
    return this.statuses.read();
  }
}
