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
import { pageMeta, PageQuery, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import { CloseConnection } from '../../use-cases/connections/close-connection.ts';
import { ConnectionView } from './connection-view.ts';
import { GetConnection } from '../../use-cases/connections/get-connection.ts';
import { ListConnections } from '../../use-cases/connections/list-connections.ts';
import { OpenConnectionDto } from './open-connection.dto.ts';
import { OpenConnection } from '../../use-cases/connections/open-connection.ts';
import { RenewConnectionDto } from './renew-connection.dto.ts';
import { RenewConnection } from '../../use-cases/connections/renew-connection.ts';

type Answer = ReturnType<ConnectionView['of']>;

@ApiTags('Connections')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users/:user/Connections')
export class ConnectionsController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: ConnectionView;
  readonly #url: PublicUrl;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: ConnectionView,
    url: PublicUrl,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
    this.#url = url;
  }

  @Writes('Opens a Connection for a client whose socket a gateway holds', 201, 'Connection')
  @Post()
  async open(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() { Ttl, DeviceId }: OpenConnectionDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const path = { serviceSid, user };
    const opened = await this.#commands.execute(
      new OpenConnection(path, Ttl, DeviceId ?? null, context),
    );
    await this.#reads.settle(opened, reply);
    const { connectionSid, position } = opened;
    return this.#answer(new GetConnection(serviceSid, user, connectionSid, position), request);
  }

  @Reads('Lists open Connections, oldest first', 'ConnectionList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: PageQuery,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const userSid = resolveUserSid(serviceSid, user);
    const page = await this.#queries.execute(
      new ListConnections(serviceSid, userSid, toPageRequest(query)),
    );
    if (page === null) throw notFound(request.originalUrl);
    return {
      meta: pageMeta(
        'connections',
        this.#url.of('Services', serviceSid, 'Users', userSid, 'Connections'),
        query,
        page,
        ({ connection }) => connection.openedPosition,
      ),
      connections: page.rows.map((row) => this.#view.of(row)),
    };
  }

  @Reads('Fetches an open Connection', 'Connection')
  @Get(':connectionSid')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('connectionSid') connectionSid: string,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    return this.#answer(new GetConnection(serviceSid, user, connectionSid), request);
  }

  @Writes('Renews a Connection', 200, 'Connection')
  @Post(':connectionSid')
  @HttpCode(200)
  async renew(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('connectionSid') connectionSid: string,
    @Body() { Ttl }: RenewConnectionDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const path = { serviceSid, user };
    const renewed = await this.#commands.execute(
      new RenewConnection(path, connectionSid, Ttl ?? null, context),
    );
    await this.#reads.settle(renewed, reply);
    const { position } = renewed;
    return this.#answer(new GetConnection(serviceSid, user, connectionSid, position), request);
  }

  @Writes('Closes a Connection', 204, null)
  @Delete(':connectionSid')
  @HttpCode(204)
  async close(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('connectionSid') connectionSid: string,
    @Context() context: CommandContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const path = { serviceSid, user };
    const closed = await this.#commands.execute(new CloseConnection(path, connectionSid, context));
    await this.#reads.settle(closed, reply);
  }

  async #answer(query: GetConnection, request: FastifyRequest): Promise<Answer> {
    const found = await this.#queries.execute(query);
    if (found === null) throw notFound(request.originalUrl);
    return this.#view.of(found);
  }
}
