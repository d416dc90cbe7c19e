import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-store';
import type { BindingOfUser, UsersReadModel } from '#read-model';
import { RowReader } from '../row-reader.ts';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** One Binding of a Service, or null. */
export class GetBinding extends Query<BindingOfUser | null> {
  constructor(
    readonly serviceSid: string,
    readonly bindingSid: string,
    /** The User that it must belong to; null for any User of the Service. */
    readonly userSid: string | null = null,
    /** Position of a write to that User that the answer must show. */
    readonly position: Position | null = null,
  ) {
    super();
  }
}

@QueryHandler(GetBinding)
export class GetBindingHandler implements IQueryHandler<GetBinding> {
  constructor(
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
    private readonly rows: RowReader,
  ) {}

  execute(query: GetBinding): Promise<BindingOfUser | null> {
    const { serviceSid, bindingSid, userSid, position } = query;
    return userSid === null
      ? this.readModel.binding(serviceSid, bindingSid)
      : this.rows.binding(serviceSid, userSid, bindingSid, position);
  }
}
