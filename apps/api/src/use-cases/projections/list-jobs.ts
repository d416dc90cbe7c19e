import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { JobFilter, JobPage } from '#operational-state';
import type { PageRequest } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { findProjection } from '#shared/use-cases/projections';
import { STORES } from '../../platform/injection-tokens.ts';

/** Jobs on a projection, newest first; null where there is no such projection. */
export class ListJobs extends Query<JobPage | null> {
  constructor(
    readonly filter: JobFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListJobs)
export class ListJobsHandler implements IQueryHandler<ListJobs> {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  async execute({ filter, page: { cursor, size } }: ListJobs): Promise<JobPage | null> {
    if (findProjection(this.stores, filter.projection) === null) return null;
    const numbers =
      'before' in cursor
        ? { before: Number(cursor.before) }
        : { after: cursor.after === null ? null : Number(cursor.after) };
    return this.stores.operations.projectionJobs.list(filter, numbers, size);
  }
}
