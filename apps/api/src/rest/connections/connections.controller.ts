import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { resolveUserSid } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CloseConnection } from '../../use-cases/connections/close-connection.ts';
import { GetConnection } from '../../use-cases/connections/get-connection.ts';
import { ListConnections } from '../../use-cases/connections/list-connections.ts';
import { OpenConnection } from '../../use-cases/connections/open-connection.ts';
import { RenewConnection } from '../../use-cases/connections/renew-connection.ts';
import { connectionJson } from './connection-json.ts';
import { OpenConnectionDto, RenewConnectionDto } from './connections.dto.ts';

@ApiTags('Connections')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Users/:user/Connections')
export class ConnectionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Opens a Connection for a client whose socket a gateway holds', 201, 'Connection')
  @Post()
  async open(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Body() { Ttl, DeviceId }: OpenConnectionDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { connectionSid, position } = await this.commands.execute(
      new OpenConnection({
        user: { serviceSid, user },
        ttlSeconds: Ttl,
        deviceId: DeviceId ?? null,
        context,
      }),
    );
    const query = new GetConnection(serviceSid, user, connectionSid, position);
    return { position, answer: () => this.#answer(query) };
  }

  @Reads('Lists open Connections, oldest first', 'ConnectionList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: PageQuery,
  ): Promise<object> {
    const userSid = resolveUserSid(serviceSid, user);
    const page = orNotFound(
      await this.queries.execute(new ListConnections(serviceSid, userSid, toPageRequest(query))),
    );
    return pageJson(page, {
      key: 'connections',
      url: this.address.url('Services', serviceSid, 'Users', userSid, 'Connections'),
      query,
      positionOf: ({ connection }) => connection.openedPosition,
      toJson: (row) => connectionJson(row, this.address),
    });
  }

  @Reads('Fetches an open Connection', 'Connection')
  @Get(':connectionSid')
  get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('connectionSid') connectionSid: string,
  ): Promise<object> {
    return this.#answer(new GetConnection(serviceSid, user, connectionSid));
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
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(
      new RenewConnection({
        user: { serviceSid, user },
        connectionSid,
        ttlSeconds: Ttl ?? null,
        context,
      }),
    );
    const query = new GetConnection(serviceSid, user, connectionSid, position);
    return { position, answer: () => this.#answer(query) };
  }

  @Writes('Closes a Connection', 204, null)
  @Delete(':connectionSid')
  @HttpCode(204)
  close(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Param('connectionSid') connectionSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.commands.execute(
      new CloseConnection({ user: { serviceSid, user }, connectionSid, context }),
    );
  }

  async #answer(query: GetConnection): Promise<object> {
    return connectionJson(orNotFound(await this.queries.execute(query)), this.address);
  }
}
