import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { ServiceSettingsPatch } from '#domain';
import type { CommandContext } from '#event-store';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { QueryReachability } from '../../use-cases/reachability/query-reachability.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';
import { ReachabilityView } from './reachability-view.ts';
import {
  QUERY_BODY_LIMIT,
  QueryReachabilityDto,
  UpdateServiceReachabilityDto,
} from './reachability.dto.ts';

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Reachability')
export class ServiceReachabilityController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly view: ReachabilityView,
  ) {}

  @Reads('Fetches the reachability settings of a Service', 'ServiceReachability')
  @Get()
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.#answer(new GetService(serviceSid));
  }

  @Writes('Updates the reachability settings of a Service', 200, 'ServiceReachability')
  @Post()
  @HttpCode(200)
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  async update(
    @Param('serviceSid') serviceSid: string,
    @Body() parameters: UpdateServiceReachabilityDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const command = new UpdateService({ serviceSid, changes: toPatch(parameters), context });
    const { position } = await this.commands.execute(command);
    return { position, answer: () => this.#answer(new GetService(serviceSid, position)) };
  }

  @Reads('Answers for many Users, all at the same moment', 'ReachabilityQuery', 413, 415)
  @Post('Query')
  @HttpCode(200)
  @RouteConfig({ bodyLimit: QUERY_BODY_LIMIT })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  async query(
    @Param('serviceSid') serviceSid: string,
    @Body() { User }: QueryReachabilityDto,
  ): Promise<object> {
    const found = await this.queries.execute(new QueryReachability(serviceSid, User));
    return this.view.ofUsers(orNotFound(found));
  }

  async #answer(query: GetService): Promise<object> {
    return this.view.ofService(orNotFound(await this.queries.execute(query)));
  }
}

function toPatch({
  GraceSeconds: graceSeconds,
  WatchPolicy: watchPolicy,
}: UpdateServiceReachabilityDto): ServiceSettingsPatch {
  return {
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
    ...(watchPolicy === undefined ? {} : { watchPolicy }),
  };
}
