import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { ServiceRow, UsersReadModel, UserWithoutProfile } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { ownTurn } from '../../platform/own-turn.ts';

/** Many Users of a Service, all as they are at one moment. */
export interface FoundUsers {
  readonly service: ServiceRow;
  /** Each once, in the order of the request. */
  readonly users: readonly UserWithoutProfile[];
  /** Names without a User. */
  readonly unknown: readonly string[];
}

/** Finds many Users by sid or identity; null where there is no such Service. */
export class QueryReachability extends Query<FoundUsers | null> {
  constructor(
    readonly serviceSid: string,
    readonly names: readonly string[],
  ) {
    super();
  }
}

@QueryHandler(QueryReachability)
export class QueryReachabilityHandler implements IQueryHandler<QueryReachability> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  async execute({ serviceSid, names }: QueryReachability): Promise<FoundUsers | null> {
    const requested = new Map(names.map((name) => [name, resolveUserSid(serviceSid, name)]));
    await ownTurn();
    const found = await this.readModel.usersBySid(serviceSid, [...new Set(requested.values())]);
    if (found === null) return null;
    const bySid = new Map(found.users.map((user) => [user.sid, user]));
    const users = new Set<UserWithoutProfile>();
    const unknown: string[] = [];
    for (const [name, sid] of requested) {
      const user = bySid.get(sid);
      // A sid derives from UTF-8, where a lone surrogate reads as U+FFFD: the sid may be that of another identity.
      if (user !== undefined && (user.sid === name || user.identity === name)) users.add(user);
      else unknown.push(name);
    }
    await ownTurn();
    return { service: found.service, users: [...users], unknown };
  }
}
