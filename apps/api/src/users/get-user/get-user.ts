import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { UserInService, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../infrastructure/tokens.ts';

/** One User with its Service, by sid or identity, or null. */
export class GetUser extends Query<UserInService | null> {
  constructor(
    readonly serviceSid: string,
    readonly sidOrIdentity: string,
  ) {
    super();
  }
}

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  readonly #readModel: UsersReadModel;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  execute({ serviceSid, sidOrIdentity }: GetUser): Promise<UserInService | null> {
    return this.#readModel.user(serviceSid, resolveUserSid(serviceSid, sidOrIdentity));
  }
}
