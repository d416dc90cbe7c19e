import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { DeadLetterPage } from '#projections';
import type { PageRequest } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { findProjection } from '#shared/use-cases/projections';
import { STORES } from '../../platform/injection-tokens.ts';

/** Dead letters of the live version of a projection, in log order; null where there is no such projection. */
export class ListDeadLetters extends Query<DeadLetterPage | null> {
  constructor(
    readonly projection: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListDeadLetters)
export class ListDeadLettersHandler implements IQueryHandler<ListDeadLetters> {
  constructor(@Inject(STORES) private readonly stores: Stores) {}

  async execute({ projection, page }: ListDeadLetters): Promise<DeadLetterPage | null> {
    const found = findProjection(this.stores, projection);
    return (await found?.deadLetterPage(page.cursor, page.size)) ?? null;
  }
}
