import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import { webhookDeliveryJson } from '#twilio-wire/webhook-delivery-json';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { GetDelivery } from '../../use-cases/webhooks/get-delivery.ts';
import { ListDeliveries } from '../../use-cases/webhooks/list-deliveries.ts';
import { ListDeliveriesDto } from './list-deliveries.dto.ts';

@ApiTags('Webhooks')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Webhooks/Deliveries')
export class DeliveriesController {
  constructor(
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
}
