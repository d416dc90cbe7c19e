import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { Deadlines, type ConnectionWithDeadline } from './deadlines.ts';

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
  readonly #readModel: UsersReadModel;
  readonly #deadlines: Deadlines;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel, deadlines: Deadlines) {
    this.#readModel = readModel;
    this.#deadlines = deadlines;
  }

  async execute(query: ListConnections): Promise<Page<ConnectionWithDeadline> | null> {
    const { serviceSid, userSid, page } = query;
    const found = await this.#readModel.connections(serviceSid, userSid, page);
    if (found === null) return null;
    const rows = await Promise.all(found.rows.map((row) => this.#deadlines.of(row)));
    return { ...found, rows };
  }
}
