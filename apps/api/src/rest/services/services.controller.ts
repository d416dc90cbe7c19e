import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import { serviceJson } from '#twilio-wire/service-json';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateServiceDto, UpdateServiceDto } from './services.dto.ts';
import { ServicesResource } from './services-resource.ts';
import { toSettingsPatch } from './settings-patch.ts';

@ApiTags('Services')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services')
export class ServicesController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Service', 201, 'Service')
  @Post()
  create(
    @Body() { FriendlyName }: CreateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.services.create(FriendlyName, context, this.#view);
  }

  @Reads('Lists Services, oldest first', 'ServiceList')
  @Get()
  list(@Query() query: PageQuery, @RequestCaller() caller: Caller): Promise<object> {
    return this.services.list(query, caller, this.address.url('Services'), this.#view);
  }

  @Reads('Fetches a Service', 'Service')
  @Get(':serviceSid')
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.services.get(serviceSid, this.#view);
  }

  @Writes('Updates a Service, the reachability flag included', 200, 'Service')
  @Post(':serviceSid')
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: UpdateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { ReachabilityEnabled: reachabilityEnabled } = dto;
    const input = { serviceSid, changes: toSettingsPatch(dto), reachabilityEnabled, context };
    return this.services.update(input, this.#view);
  }

  @Writes('Deletes a Service and, after it, its Users', 204, null)
  @Delete(':serviceSid')
  @HttpCode(204)
  delete(
    @Param('serviceSid') serviceSid: string,
    @Context() context: CommandContext,
  ): Promise<Written> {
    return this.services.delete(serviceSid, context);
  }

  readonly #view = (service: ServiceRow): object => serviceJson(service, this.address);
}
