import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '#event-store';
import { Reads, Writes } from '../../platform/openapi/documented.ts';
import { Context } from '../../platform/http/command-context.ts';
import { pageMeta, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { MayCallWebhook, WebhookEnabled } from '../../platform/http/webhook-header.ts';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import type { Written } from '#shared/use-cases/written';
import { CreateUser } from '../../use-cases/users/create-user.ts';
import { DeleteUser } from '../../use-cases/users/delete-user.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { ListUsersDto } from './list-users.dto.ts';
import { ListUsers } from '../../use-cases/users/list-users.ts';
import { UpdateUser } from '../../use-cases/users/update-user.ts';
import { CreateUserDto, toProfile, UserProfileDto } from './user-profile.dto.ts';
import { UserView } from './user-view.ts';

type Answer = ReturnType<UserView['of']>;

@ApiTags('Users')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users')
export class UsersController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: UserView;
  readonly #url: PublicUrl;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: UserView,
    url: PublicUrl,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
    this.#url = url;
  }

  @Writes('Creates a User', 201, 'User', 409)
  @MayCallWebhook()
  @Post()
  async create(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: CreateUserDto,
    @Context() context: CommandContext,
    @WebhookEnabled() webhookEnabled: boolean,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const written = await this.#commands.execute(
      new CreateUser(serviceSid, dto.Identity, toProfile(dto), context, webhookEnabled),
    );
    await this.#reads.settle(written, reply);
    return this.#answer(serviceSid, dto.Identity, request, written);
  }

  @Reads('Lists Users, oldest first', 'UserList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListUsersDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const found = await this.#queries.execute(new ListUsers(serviceSid, toPageRequest(query)));
    if (found === null) throw notFound(request.originalUrl);
    const { service, page } = found;
    const listUrl = this.#url.of('Services', serviceSid, 'Users');
    const filters = query.Reachability ? [['Reachability', 'true'] as const] : [];
    return {
      meta: pageMeta('users', listUrl, query, page, (user) => user.createdPosition, filters),
      users: page.rows.map((user) =>
        query.Reachability
          ? this.#view.of({ user, service })
          : this.#view.listItem({ user, service }),
      ),
    };
  }

  @Reads('Fetches a User', 'User')
  @Get(':user')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    return this.#answer(serviceSid, user, request);
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
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const path = { serviceSid, user };
    const written = await this.#commands.execute(
      new UpdateUser(path, toProfile(dto), context, webhookEnabled),
    );
    await this.#reads.settle(written, reply);
    return this.#answer(serviceSid, user, request, written);
  }

  @Writes('Deletes a User, its Connections and its Bindings', 204, null)
  @Delete(':user')
  @HttpCode(204)
  async delete(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const path = { serviceSid, user };
    await this.#reads.settle(await this.#commands.execute(new DeleteUser(path, context)), reply);
  }

  async #answer(
    serviceSid: string,
    user: string,
    request: FastifyRequest,
    written?: Written,
  ): Promise<Answer> {
    const found = await this.#queries.execute(new GetUser(serviceSid, user, written?.position));
    if (found === null) throw notFound(request.originalUrl);
    return this.#view.of(found);
  }
}
