import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { Position } from '#event-store';
import { CurrentRows } from '../current-rows.ts';
import { Deadlines, type ConnectionWithDeadline } from './deadlines.ts';

/** One open Connection of a User, or null. */
export class GetConnection extends Query<ConnectionWithDeadline | null> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    readonly connectionSid: string,
    /** Place in the log of a write that the answer must show. */
    readonly includes: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetConnection)
export class GetConnectionHandler implements IQueryHandler<GetConnection> {
  readonly #rows: CurrentRows;
  readonly #deadlines: Deadlines;

  constructor(rows: CurrentRows, deadlines: Deadlines) {
    this.#rows = rows;
    this.#deadlines = deadlines;
  }

  async execute(query: GetConnection): Promise<ConnectionWithDeadline | null> {
    const { serviceSid, sidOrIdentity, connectionSid, includes } = query;
    const userSid = resolveUserSid(serviceSid, sidOrIdentity);
    const found = await this.#rows.connection(serviceSid, userSid, connectionSid, includes);
    return found === null ? null : this.#deadlines.of(found);
  }
}
