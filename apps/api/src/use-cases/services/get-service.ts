import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import type { ServiceRow } from '#read-model';
import { RowReader } from '../row-reader.ts';

/** One Service, or null. */
export class GetService extends Query<ServiceRow | null> {
  constructor(
    readonly serviceSid: string,
    /** Position of a write that the answer must show. */
    readonly position: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetService)
export class GetServiceHandler implements IQueryHandler<GetService> {
  constructor(private readonly rows: RowReader) {}

  execute({ serviceSid, position }: GetService): Promise<ServiceRow | null> {
    return this.rows.service(serviceSid, position);
  }
}
