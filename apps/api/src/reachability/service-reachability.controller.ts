import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext } from '#event-store';
import { Reads, Writes } from '../docs/documented.ts';
import { Context } from '../http/command-context.ts';
import { notFound } from '../http/twilio-error.ts';
import { ReadsAfterWrites } from '../http/written.ts';
import { GetService } from '../services/get-service/get-service.ts';
import { UpdateService } from '../services/update-service/update-service.ts';
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

  async #answer(query: GetService, request: FastifyRequest): Promise<Answer> {
    const service = await this.#queries.execute(query);
    if (service === null) throw notFound(request.originalUrl);
    return this.#view.ofService(service);
  }
}
