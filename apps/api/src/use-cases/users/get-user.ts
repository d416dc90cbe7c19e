import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { Position } from '#event-store';
import type { UserInService } from '#read-model';
import { CurrentRows } from '../current-rows.ts';

/** One User with its Service, by sid or identity, or null. */
export class GetUser extends Query<UserInService | null> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
    /** Place in the log of a write that the answer must show. */
    readonly includes: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  readonly #rows: CurrentRows;

  constructor(rows: CurrentRows) {
    this.#rows = rows;
  }

  execute({ serviceSid, sidOrIdentity, includes }: GetUser): Promise<UserInService | null> {
    return this.#rows.user(serviceSid, resolveUserSid(serviceSid, sidOrIdentity), includes);
  }
}
