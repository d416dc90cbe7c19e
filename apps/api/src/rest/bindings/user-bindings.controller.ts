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
import { resolveUserSid } from '#domain';
import type { CommandContext } from '#event-store';
import { Reads, Writes } from '../../platform/openapi/documented.ts';
import { Context } from '../../platform/http/command-context.ts';
import { pageMeta, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import { BindingView } from './binding-view.ts';
import { GetBinding } from '../../use-cases/bindings/get-binding.ts';
import { ListUserBindingsDto } from './list-bindings.dto.ts';
import { ListBindings } from '../../use-cases/bindings/list-bindings.ts';
import { RegisterBindingDto } from './register-binding.dto.ts';
import { RegisterBinding } from '../../use-cases/bindings/register-binding.ts';
import { RemoveBinding } from '../../use-cases/bindings/remove-binding.ts';

type Answer = ReturnType<BindingView['ofUser']>;

@ApiTags('Bindings')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users/:user/Bindings')
export class UserBindingsController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: BindingView;
  readonly #url: PublicUrl;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: BindingView,
    url: PublicUrl,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
    this.#url = url;
  }

  @Writes('Registers a device for push; the same one again is the same Binding', 201, 'UserBinding')
  @Post()
  async register(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() { BindingType, Address, Endpoint }: RegisterBindingDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const path = { serviceSid, user };
    const registered = await this.#commands.execute(
      new RegisterBinding(path, BindingType, Address, Endpoint ?? null, context),
    );
    await this.#reads.settle(registered, reply);
    const { bindingSid, position } = registered;
    return this.#answer(
      new GetBinding(serviceSid, bindingSid, resolveUserSid(serviceSid, user), position),
      request,
    );
  }

  @Reads('Lists Bindings of a User, oldest first', 'UserBindingList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: ListUserBindingsDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const userSid = resolveUserSid(serviceSid, user);
    const filter = { userSid, types: query.BindingType };
    const page = await this.#queries.execute(
      new ListBindings(serviceSid, filter, toPageRequest(query)),
    );
    if (page === null) throw notFound(request.originalUrl);
    return {
      meta: pageMeta(
        'bindings',
        this.#url.of('Services', serviceSid, 'Users', userSid, 'Bindings'),
        query,
        page,
        (binding) => binding.createdPosition,
        query.BindingType.map((type) => ['BindingType', type] as const),
      ),
      bindings: page.rows.map((binding) => this.#view.ofUser(serviceSid, binding)),
    };
  }

  @Reads('Fetches a Binding of a User', 'UserBinding')
  @Get(':bindingSid')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('bindingSid') bindingSid: string,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    const userSid = resolveUserSid(serviceSid, user);
    return this.#answer(new GetBinding(serviceSid, bindingSid, userSid), request);
  }

  @Writes('Removes a Binding of a User', 204, null)
  @Delete(':bindingSid')
  @HttpCode(204)
  async remove(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('bindingSid') bindingSid: string,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const path = { serviceSid, user };
    const removed = await this.#commands.execute(new RemoveBinding(path, bindingSid, context));
    await this.#reads.settle(removed, reply);
  }

  async #answer(query: GetBinding, request: FastifyRequest): Promise<Answer> {
    const binding = await this.#queries.execute(query);
    if (binding === null) throw notFound(request.originalUrl);
    return this.#view.ofUser(query.serviceSid, binding);
  }
}
