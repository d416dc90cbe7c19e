import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { ServiceRow, UsersReadModel, UserSummary } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Many Users of a Service, of one moment. */
export interface FoundUsers {
  readonly service: ServiceRow;
  /** Each once, in the order in which they were asked for. */
  readonly users: readonly UserSummary[];
  /** Names that are no User's. */
  readonly unknown: readonly string[];
}

/** Many Users by sid or identity; null where the Service does not exist. */
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
  readonly #readModel: UsersReadModel;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  async execute({ serviceSid, names }: QueryReachability): Promise<FoundUsers | null> {
    const asked = new Map(names.map((name) => [name, resolveUserSid(serviceSid, name)]));
    const found = await this.#readModel.usersBySid(serviceSid, [...new Set(asked.values())]);
    if (found === null) return null;
    const bySid = new Map(found.users.map((user) => [user.sid, user]));
    const users = new Set<UserSummary>();
    const unknown: string[] = [];
    for (const [name, sid] of asked) {
      const user = bySid.get(sid);
      // Sids derive from UTF-8, in which what is no character reads as another: that would be another's name.
      if (user !== undefined && (user.sid === name || user.identity === name)) users.add(user);
      else unknown.push(name);
    }
    return { service: found.service, users: [...users], unknown };
  }
}
