import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { TtlStore } from '#operational-state';
import type { Page, PageRequest, UsersReadModel } from '#read-model';
import { TTL_STORE, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { withDeadline, type ConnectionWithDeadline } from './connection-with-deadline.ts';

/** Open Connections of a User, oldest first; null when there is no such User. */
export class ListConnections extends Query<Page<ConnectionWithDeadline> | null> {
  constructor(
    readonly serviceSid: string,
    readonly userSid: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListConnections)
export class ListConnectionsHandler implements IQueryHandler<ListConnections> {
  constructor(
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
  ) {}

  async execute(query: ListConnections): Promise<Page<ConnectionWithDeadline> | null> {
    const { serviceSid, userSid, page } = query;
    const found = await this.readModel.connections(serviceSid, userSid, page);
    if (found === null) return null;
    const rows = await Promise.all(found.rows.map((row) => withDeadline(this.ttls, row)));
    return { ...found, rows };
  }
}
