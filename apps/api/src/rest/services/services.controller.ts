import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { CommandContext } from '#event-store';
import type { Written } from '#shared/use-cases/written';
import { serviceJson } from '#twilio-wire/service-json';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateService } from '../../use-cases/services/create-service.ts';
import { DeleteService } from '../../use-cases/services/delete-service.ts';
import { GetService } from '../../use-cases/services/get-service.ts';
import { ListServices } from '../../use-cases/services/list-services.ts';
import { UpdateService } from '../../use-cases/services/update-service.ts';
import { CreateServiceDto, UpdateServiceDto } from './services.dto.ts';
import { toSettingsPatch } from './settings-patch.ts';

@ApiTags('Services')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services')
export class ServicesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Service', 201, 'Service')
  @Post()
  async create(
    @Body() { FriendlyName }: CreateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const command = new CreateService({ friendlyName: FriendlyName, context });
    const { serviceSid, position } = await this.commands.execute(command);
    return { position, answer: () => this.#answer(new GetService(serviceSid, position)) };
  }

  @Reads('Lists Services, oldest first', 'ServiceList')
  @Get()
  async list(
    @Query() query: PageQuery,
    @RequestCaller() { services: only }: Caller,
  ): Promise<object> {
    const list = new ListServices(toPageRequest(query), only);
    return pageJson(await this.queries.execute(list), {
      key: 'services',
      url: this.address.url('Services'),
      query,
      positionOf: (service) => service.createdPosition,
      toJson: (service) => serviceJson(service, this.address),
    });
  }

  @Reads('Fetches a Service', 'Service')
  @Get(':serviceSid')
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.#answer(new GetService(serviceSid));
  }

  @Writes('Updates a Service, the reachability flag included', 200, 'Service')
  @Post(':serviceSid')
  @HttpCode(200)
  async update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: UpdateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { position } = await this.commands.execute(
      new UpdateService({
        serviceSid,
        changes: toSettingsPatch(dto),
        reachabilityEnabled: dto.ReachabilityEnabled,
        context,
      }),
    );
    return { position, answer: () => this.#answer(new GetService(serviceSid, position)) };
  }

  @Writes('Deletes a Service and, after it, its Users', 204, null)
  @Delete(':serviceSid')
  @HttpCode(204)
  delete(
    @Param('serviceSid') serviceSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.commands.execute(new DeleteService({ serviceSid, context }));
  }

  async #answer(query: GetService): Promise<object> {
    return serviceJson(orNotFound(await this.queries.execute(query)), this.address);
  }
}
