import { Injectable } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { UserInService, UserSelection } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest, type PageQuery } from '../../platform/http/parameters/paging.ts';
import { CreateUser } from '../../use-cases/users/create-user.ts';
import { DeleteUser } from '../../use-cases/users/delete-user.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { ListUsers } from '../../use-cases/users/list-users.ts';
import { UpdateUser } from '../../use-cases/users/update-user.ts';
import { toProfile, type CreateUserDto, type UserProfileDto } from './users.dto.ts';

/** Returns the JSON of a User in one API version. */
export type UserView = (found: UserInService) => object;
/** Returns the same as text, which is remembered for as long as the User is in memory. */
export type UserText = (found: UserInService) => string;

/** Remembers texts: the read model answers with the same object until something was committed. */
export function rememberText(view: UserView): UserText {
  const texts = new WeakMap<UserInService, string>();
  return (found) => {
    let text = texts.get(found);
    if (text === undefined) texts.set(found, (text = JSON.stringify(view(found))));
    return text;
  };
}

/** How one API version shows a list of Users. */
export interface UserListView {
  /** Absolute URL of the list. */
  readonly url: string;
  readonly toJson: UserView;
  /** Parameters that every link keeps. */
  readonly filters?: readonly (readonly [string, string])[];
}

/** A write, and whether it may call the webhook of its Service. */
export interface UserWrite {
  readonly context: CommandContext;
  readonly webhookEnabled: boolean;
}

/** Users over HTTP, in every API version: each passes how it shows them. */
@Injectable()
export class UsersResource {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  async create(
    serviceSid: string,
    dto: CreateUserDto,
    write: UserWrite,
    view: UserView,
  ): Promise<WriteResult> {
    const { Identity: identity } = dto;
    const { position } = await this.commands.execute(
      new CreateUser({ serviceSid, identity, profile: toProfile(dto), ...write }),
    );
    const query = new GetUser(serviceSid, identity, position);
    return { position, answer: () => this.#answer(query, view) };
  }

  async list(
    serviceSid: string,
    query: PageQuery,
    view: UserListView,
    selection: UserSelection = {},
  ): Promise<object> {
    const list = new ListUsers(serviceSid, toPageRequest(query), selection);
    const { service, page } = orNotFound(await this.queries.execute(list));
    return pageJson(page, {
      ...view,
      key: 'users',
      query,
      positionOf: (user) => user.createdPosition,
      toJson: (user) => view.toJson({ user, service }),
    });
  }

  get<Answer>(
    serviceSid: string,
    user: string,
    view: (found: UserInService) => Answer,
  ): Promise<Answer> {
    return this.#answer(new GetUser(serviceSid, user), view);
  }

  async update(
    serviceSid: string,
    user: string,
    dto: UserProfileDto,
    write: UserWrite,
    view: UserView,
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(
      new UpdateUser({ user: { serviceSid, user }, changes: toProfile(dto), ...write }),
    );
    const query = new GetUser(serviceSid, user, position);
    return { position, answer: () => this.#answer(query, view) };
  }

  delete(serviceSid: string, user: string, context: CommandContext): Promise<Written> {
    return this.commands.execute(new DeleteUser({ user: { serviceSid, user }, context }));
  }

  async #answer<Answer>(query: GetUser, view: (found: UserInService) => Answer): Promise<Answer> {
    return view(orNotFound(await this.queries.execute(query)));
  }
}
