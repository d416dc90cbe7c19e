import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { TwilioError } from '#twilio-wire/twilio-error';
import { webhookDeliveryJson } from '#twilio-wire/webhook-delivery-json';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiBody, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { GetDelivery } from '../../use-cases/webhooks/get-delivery.ts';
import { ListDeliveries } from '../../use-cases/webhooks/list-deliveries.ts';
import { RetryDeliveries } from '../../use-cases/webhooks/retry-deliveries.ts';
import { RetryDelivery } from '../../use-cases/webhooks/retry-delivery.ts';
import { ListDeliveriesDto } from './list-deliveries.dto.ts';

@ApiTags('Webhooks')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Webhooks/Deliveries')
export class DeliveriesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Lists deliveries of webhooks, newest first', 'WebhookDeliveryList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListDeliveriesDto,
  ): Promise<object> {
    const { Status: status, UserSid: userSid } = query;
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(userSid === undefined ? {} : { userSid }),
    };
    const page = orNotFound(
      await this.queries.execute(new ListDeliveries(serviceSid, filter, toPageRequest(query))),
    );
    return pageJson(page, {
      key: 'deliveries',
      url: this.address.url('Services', serviceSid, 'Webhooks', 'Deliveries'),
      query,
      positionOf: ({ position }) => position,
      toJson: (delivery) => webhookDeliveryJson(delivery, this.address),
      filters: [
        ...(status === undefined ? [] : [['Status', status] as const]),
        ...(userSid === undefined ? [] : [['UserSid', userSid] as const]),
      ],
    });
  }

  @Reads('Fetches a delivery of a webhook', 'WebhookDelivery')
  @Get(':sid')
  async get(@Param('serviceSid') serviceSid: string, @Param('sid') sid: string): Promise<object> {
    const delivery = await this.queries.execute(new GetDelivery(serviceSid, sid));
    return webhookDeliveryJson(orNotFound(delivery), this.address);
  }

  @Writes('Sends the dead deliveries of a Service again', 200, 'WebhookRetry')
  @Post('Retries')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBody({ required: false, schema: { type: 'object' } })
  @HttpCode(200)
  async retryAll(
    @Param('serviceSid') serviceSid: string,
    @Context() { actor }: CommandContext,
  ): Promise<WriteResult> {
    const retried = orNotFound(await this.commands.execute(new RetryDeliveries(serviceSid, actor)));
    const answer = { account_sid: this.address.accountSid, service_sid: serviceSid, retried };
    return { position: null, answer: async () => answer };
  }

  @Writes('Sends a delivery again that is dead or waits', 200, 'WebhookDelivery')
  @Post(':sid/Retries')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBody({ required: false, schema: { type: 'object' } })
  @HttpCode(200)
  async retry(
    @Param('serviceSid') serviceSid: string,
    @Param('sid') sid: string,
    @Context() { actor }: CommandContext,
  ): Promise<WriteResult> {
    const delivery = orNotFound(
      await this.commands.execute(new RetryDelivery(serviceSid, sid, actor)),
    );
    if (delivery.status === 'delivered') {
      throw new TwilioError(409, 20409, `Delivery ${sid} was delivered`);
    }
    return { position: null, answer: async () => webhookDeliveryJson(delivery, this.address) };
  }
}
