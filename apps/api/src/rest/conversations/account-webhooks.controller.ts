import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import type { CommandContext } from '#event-store';
import type { ServiceRow } from '#read-model';
import { accountWebhooksJson } from '#twilio-wire/conversations/webhooks-json';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { ServicesResource } from '../services/services-resource.ts';
import { OfService, type AddressedService } from './addressed-service.ts';
import { toWebhooksPatch, UpdateAccountWebhooksDto } from './webhooks.dto.ts';

/** The webhook of the default Service, as a resource of the account. */
@ApiTags('Conversations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('conversations/v1/Configuration/Webhooks')
export class AccountWebhooksController {
  constructor(
    private readonly services: ServicesResource,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Fetches the webhook of the default Service', 'ConversationsWebhooks')
  @Get()
  get(@OfService() { serviceSid }: AddressedService): Promise<object> {
    return this.services.get(serviceSid, this.#view);
  }

  @Writes('Updates the webhook of the default Service', 200, 'ConversationsWebhooks')
  @Post()
  @HttpCode(200)
  update(
    @OfService() { serviceSid }: AddressedService,
    @Body() dto: UpdateAccountWebhooksDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    return this.services.update({ serviceSid, changes: toWebhooksPatch(dto), context }, this.#view);
  }

  readonly #view = (service: ServiceRow): object => accountWebhooksJson(service, this.address);
}
