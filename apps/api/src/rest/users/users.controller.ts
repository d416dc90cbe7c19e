import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { userJson, userListItemJson } from '#twilio-wire/user-json';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { MayCallWebhook, WebhookEnabled } from '../../platform/http/parameters/webhook-header.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateUser } from '../../use-cases/users/create-user.ts';
import { DeleteUser } from '../../use-cases/users/delete-user.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { ListUsers } from '../../use-cases/users/list-users.ts';
import { UpdateUser } from '../../use-cases/users/update-user.ts';
import { CreateUserDto, ListUsersDto, toProfile, UserProfileDto } from './users.dto.ts';

@ApiTags('Users')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users')
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a User', 201, 'User')
  @MayCallWebhook()
  @Post()
  async create(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: CreateUserDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(
      new CreateUser({
        serviceSid,
        identity: dto.Identity,
        profile: toProfile(dto),
        context,
        webhookEnabled,
      }),
    );
    const query = new GetUser(serviceSid, dto.Identity, position);
    return { position, answer: () => this.#answer(query) };
  }

  @Reads('Lists Users, oldest first', 'UserList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListUsersDto,
  ): Promise<object> {
    const { service, page } = orNotFound(
      await this.queries.execute(new ListUsers(serviceSid, toPageRequest(query))),
    );
    const itemJson = query.Reachability ? userJson : userListItemJson;
    return pageJson(page, {
      key: 'users',
      url: this.address.url('Services', serviceSid, 'Users'),
      query,
      positionOf: (user) => user.createdPosition,
      toJson: (user) => itemJson({ user, service }, this.address),
      filters: query.Reachability ? [['Reachability', 'true']] : [],
    });
  }

  @Reads('Fetches a User', 'User')
  @Get(':user')
  get(@Param('serviceSid') serviceSid: string, @Param('user') user: string): Promise<object> {
    return this.#answer(new GetUser(serviceSid, user));
  }

  @Writes('Updates a User', 200, 'User')
  @MayCallWebhook()
  @Post(':user')
  @HttpCode(200)
  async update(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() dto: UserProfileDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(
      new UpdateUser({
        user: { serviceSid, user },
        changes: toProfile(dto),
        context,
        webhookEnabled,
      }),
    );
    return { position, answer: () => this.#answer(new GetUser(serviceSid, user, position)) };
  }

  @Writes('Deletes a User, its Connections and its Bindings', 204, null)
  @Delete(':user')
  @HttpCode(204)
  delete(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.commands.execute(new DeleteUser({ user: { serviceSid, user }, context }));
  }

  async #answer(query: GetUser): Promise<object> {
    return userJson(orNotFound(await this.queries.execute(query)), this.address);
  }
}
