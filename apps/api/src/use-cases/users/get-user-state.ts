import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { userStream, type UserState } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';

/** State of a User by the log, which is ahead of the read model. */
export class GetUserState extends Query<UserState> {
  constructor(readonly userSid: string) {
    super();
  }
}

@QueryHandler(GetUserState)
export class GetUserStateHandler implements IQueryHandler<GetUserState> {
  constructor(private readonly aggregates: Aggregates) {}

  async execute({ userSid }: GetUserState): Promise<UserState> {
    const { state } = await this.aggregates.users.load(userStream(userSid));
    return state;
  }
}
