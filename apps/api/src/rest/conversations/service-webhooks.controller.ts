import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import { serviceWebhooksJson } from '#twilio-wire/conversations/webhooks-json';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { ServicesResource } from '../services/services-resource.ts';
import { toWebhooksPatch, UpdateWebhooksDto } from './webhooks.dto.ts';

@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('conversations/v1/Services/:serviceSid/Configuration/Webhooks')
export class ServiceWebhooksController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Fetches the webhook of a Service', 'ConversationsServiceWebhooks')
  @Get()
  get(@Param('serviceSid') serviceSid: string): Promise<object> {
    return this.services.get(serviceSid, this.#view);
  }

  @Writes('Updates the webhook of a Service', 200, 'ConversationsServiceWebhooks')
  @Post()
  @HttpCode(200)
  update(
    @Param('serviceSid') serviceSid: string,
    @Body() dto: UpdateWebhooksDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.services.update({ serviceSid, changes: toWebhooksPatch(dto), context }, this.#view);
  }

  readonly #view = (service: ServiceRow): object => serviceWebhooksJson(service, this.address);
}
