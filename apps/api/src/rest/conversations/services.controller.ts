import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import type { Written } from '#shared/use-cases/written';
import { conversationsServiceJson } from '#twilio-wire/conversations/service-json';
import { conversationsUrl } from '#twilio-wire/view-context';
import { RequestCaller, type Caller } from '../../platform/http/authentication/caller.ts';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CreateServiceDto } from '../services/services.dto.ts';
import { ServicesResource } from '../services/services-resource.ts';

@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('conversations/v1/Services')
export class ConversationsServicesController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Creates a Service', 201, 'ConversationsService')
  @Post()
  create(
    @Body() { FriendlyName }: CreateServiceDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.services.create(FriendlyName, context, this.#view);
  }

  @Reads('Lists Services, oldest first', 'ConversationsServiceList')
  @Get()
  list(@Query() query: PageQuery, @RequestCaller() caller: Caller): Promise<object> {
    const url = conversationsUrl(this.address.origin, 'Services');
    return this.services.list(query, caller, url, this.#view);
  }

  @Reads('Fetches a Service', 'ConversationsService')
  @Get(':serviceSid')
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.services.get(serviceSid, this.#view);
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

  readonly #view = (service: ServiceRow): object => conversationsServiceJson(service, this.address);
}
