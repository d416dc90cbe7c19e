import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import { chatV1ServiceJson } from '#twilio-wire/chat-v1/service-json';
import { chatV1Url } from '#twilio-wire/view-context';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateServiceDto } from '../services/services.dto.ts';
import { ServicesResource } from '../services/services-resource.ts';
import { ChatV1UpdateServiceDto, toChatV1SettingsPatch } from './services.dto.ts';

@ApiTags('Chat v1')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v1/Services')
export class ChatV1ServicesController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Service', 201, 'ChatV1Service')
  @Post()
  create(
    @Body() { FriendlyName }: CreateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.services.create(FriendlyName, context, this.#view);
  }

  @Reads('Lists Services, oldest first', 'ChatV1ServiceList')
  @Get()
  list(@Query() query: PageQuery, @RequestCaller() caller: Caller): Promise<object> {
    const url = chatV1Url(this.address.origin, 'Services');
    return this.services.list(query, caller, url, this.#view);
  }

  @Reads('Fetches a Service', 'ChatV1Service')
  @Get(':serviceSid')
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.services.get(serviceSid, this.#view);
  }

  @Writes('Updates a Service, the reachability flag included', 200, 'ChatV1Service')
  @Post(':serviceSid')
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: ChatV1UpdateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const { ReachabilityEnabled: reachabilityEnabled } = dto;
    const input = { serviceSid, changes: toChatV1SettingsPatch(dto), reachabilityEnabled, context };
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

  readonly #view = (service: ServiceRow): object => chatV1ServiceJson(service, this.address);
}
