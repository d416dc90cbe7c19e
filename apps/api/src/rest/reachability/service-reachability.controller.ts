import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stalenessBoundMs } from '#domain';
import type { CommandContext } from '#event-store';
import { Reads, Writes } from '../../platform/openapi/documented.ts';
import { Context } from '../../platform/http/command-context.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { ReadsAfterWrites } from '../../platform/http/reads-after-writes.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';
import { QUERY_BODY_LIMIT, QueryReachabilityDto } from './query-reachability.dto.ts';
import { QueryReachability } from '../../use-cases/reachability/query-reachability.ts';
import { ReachabilityView } from './reachability-view.ts';
import { UpdateServiceReachabilityDto } from './update-service-reachability.dto.ts';

type Answer = ReturnType<ReachabilityView['ofService']>;

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Reachability')
export class ServiceReachabilityController {
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  readonly #reads: ReadsAfterWrites;
  readonly #view: ReachabilityView;

  constructor(
    commands: CommandBus,
    queries: QueryBus,
    reads: ReadsAfterWrites,
    view: ReachabilityView,
  ) {
    this.#commands = commands;
    this.#queries = queries;
    this.#reads = reads;
    this.#view = view;
  }

  @Reads('Fetches what bears on reachability in a Service', 'ServiceReachability')
  @Get()
  get(@Param('serviceSid') serviceSid: string, @Req() request: FastifyRequest): Promise<Answer> {
    return this.#answer(new GetService(serviceSid), request);
  }

  @Writes('Updates what bears on reachability in a Service', 200, 'ServiceReachability')
  @Post()
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  async update(
    @Param('serviceSid') serviceSid: string,
    @Body() { GraceSeconds }: UpdateServiceReachabilityDto,
    @Context() context: CommandContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    const changes = GraceSeconds === undefined ? {} : { graceSeconds: GraceSeconds };
    const command = new UpdateService(serviceSid, changes, undefined, context);
    const written = await this.#commands.execute(command);
    await this.#reads.settle(written, reply);
    return this.#answer(new GetService(serviceSid, written.position), request);
  }

  @Reads('Answers for many Users at once, of one moment', 'ReachabilityQuery', 413, 415)
  @Post('Query')
  @HttpCode(200)
  @RouteConfig({ bodyLimit: QUERY_BODY_LIMIT })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  async query(
    @Param('serviceSid') serviceSid: string,
    @Body() { User }: QueryReachabilityDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const found = await this.#queries.execute(new QueryReachability(serviceSid, User));
    if (found === null) throw notFound(request.originalUrl);
    const { service, users, unknown } = found;
    return {
      service_sid: service.sid,
      users: users.map((user) => this.#view.ofOneOfMany({ user, service })),
      unknown,
      staleness_bound_ms: stalenessBoundMs(service.settings.graceSeconds),
    };
  }

  async #answer(query: GetService, request: FastifyRequest): Promise<Answer> {
    const service = await this.#queries.execute(query);
    if (service === null) throw notFound(request.originalUrl);
    return this.#view.ofService(service);
  }
}
