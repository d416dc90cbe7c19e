import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectionStatus } from '#projections';
import { ProjectionStatuses } from './projection-statuses.ts';

/** The status of a projection; null where there is none of that name. */
export class GetProjection extends Query<ProjectionStatus | null> {
  constructor(readonly name: string) {
    super();
  }
}

@QueryHandler(GetProjection)
export class GetProjectionHandler implements IQueryHandler<GetProjection> {
  constructor(private readonly statuses: ProjectionStatuses) {}

  async execute({ name }: GetProjection): Promise<ProjectionStatus | null> {
    return (await this.statuses.read()).find((status) => status.name === name) ?? null;
  }
}
