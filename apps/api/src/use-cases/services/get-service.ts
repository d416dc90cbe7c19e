import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import type { ServiceRow } from '#read-model';
import { CurrentRows } from '../current-rows.ts';

/** One Service, or null. */
export class GetService extends Query<ServiceRow | null> {
  constructor(
    readonly serviceSid: string,
    /** Place in the log of a write that the answer must show. */
    readonly includes: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetService)
export class GetServiceHandler implements IQueryHandler<GetService> {
  readonly #rows: CurrentRows;

  constructor(rows: CurrentRows) {
    this.#rows = rows;
  }

  execute({ serviceSid, includes }: GetService): Promise<ServiceRow | null> {
    return this.#rows.service(serviceSid, includes);
  }
}
