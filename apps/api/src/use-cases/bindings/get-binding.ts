import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import type { BindingOfUser, UsersReadModel } from '#read-model';
import { CurrentRows } from '../current-rows.ts';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** One Binding of a Service, or null. */
export class GetBinding extends Query<BindingOfUser | null> {
  constructor(
    readonly serviceSid: string,
    readonly bindingSid: string,
    /** Whose it must be; null for anyone's in the Service. */
    readonly userSid: string | null = null,
    /** Place in the log of a write to that User that the answer must show. */
    readonly includes: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetBinding)
export class GetBindingHandler implements IQueryHandler<GetBinding> {
  readonly #readModel: UsersReadModel;
  readonly #rows: CurrentRows;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel, rows: CurrentRows) {
    this.#readModel = readModel;
    this.#rows = rows;
  }

  execute(query: GetBinding): Promise<BindingOfUser | null> {
    const { serviceSid, bindingSid, userSid, includes } = query;
    return userSid === null
      ? this.#readModel.binding(serviceSid, bindingSid)
      : this.#rows.binding(serviceSid, userSid, bindingSid, includes);
  }
}
