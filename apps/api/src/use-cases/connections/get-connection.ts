import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { Position } from '#event-store';
import type { TtlStore } from '#operational-state';
import { TTL_STORE } from '../../platform/injection-tokens.ts';
import { RowReader } from '../row-reader.ts';
import { withDeadline, type ConnectionWithDeadline } from './connection-with-deadline.ts';

/** One open Connection of a User, or null. */
export class GetConnection extends Query<ConnectionWithDeadline | null> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    readonly connectionSid: string,
    /** Position of a write that the answer must show. */
    readonly position: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetConnection)
export class GetConnectionHandler implements IQueryHandler<GetConnection> {
  constructor(
    private readonly rows: RowReader,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
  ) {}

  async execute(query: GetConnection): Promise<ConnectionWithDeadline | null> {
    const { serviceSid, sidOrIdentity, connectionSid, position } = query;
    const userSid = resolveUserSid(serviceSid, sidOrIdentity);
    const found = await this.rows.connection(serviceSid, userSid, connectionSid, position);
    return found === null ? null : withDeadline(this.ttls, found);
  }
}
