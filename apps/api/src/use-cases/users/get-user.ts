import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { Position } from '#event-store';
import type { UserInService } from '#read-model';
import { RowReader } from '../row-reader.ts';

/** One User with its Service, by sid or identity, or null. */
export class GetUser extends Query<UserInService | null> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    /** Position of a write that the answer must show. */
    readonly position: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  constructor(private readonly rows: RowReader) {}

  execute({ serviceSid, sidOrIdentity, position }: GetUser): Promise<UserInService | null> {
    return this.rows.user(serviceSid, resolveUserSid(serviceSid, sidOrIdentity), position);
  }
}
