import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Delivery } from '#operational-state';
import type { Credentials } from '#shared/composition/credentials';
import { webhookDeliveryJson } from '#twilio-wire/webhook-delivery-json';
import { Reads } from '../../platform/openapi/documented.ts';
import { pageMeta, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { CREDENTIALS } from '../../platform/injection-tokens.ts';
import { GetDelivery } from '../../use-cases/webhooks/get-delivery.ts';
import { ListDeliveriesDto } from './list-deliveries.dto.ts';
import { ListDeliveries } from '../../use-cases/webhooks/list-deliveries.ts';

@ApiTags('Webhooks')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Webhooks/Deliveries')
export class DeliveriesController {
  readonly #queries: QueryBus;
  readonly #url: PublicUrl;
  readonly #accountSid: string;

  constructor(queries: QueryBus, url: PublicUrl, @Inject(CREDENTIALS) { accountSid }: Credentials) {
    this.#queries = queries;
    this.#url = url;
    this.#accountSid = accountSid;
  }

  @Reads('Lists deliveries of webhooks, newest first', 'WebhookDeliveryList')
  @Get()
  async list(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListDeliveriesDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    const { Status: status, UserSid: userSid } = query;
    const filter = {
      ...(status === undefined ? {} : { status }),
      ...(userSid === undefined ? {} : { userSid }),
    };
    const page = await this.#queries.execute(
      new ListDeliveries(serviceSid, filter, toPageRequest(query)),
    );
    if (page === null) throw notFound(request.originalUrl);
    return {
      meta: pageMeta(
        'deliveries',
        this.#url.of('Services', serviceSid, 'Webhooks', 'Deliveries'),
        query,
        page,
        ({ position }) => position,
        [
          ...(status === undefined ? [] : [['Status', status] as const]),
          ...(userSid === undefined ? [] : [['UserSid', userSid] as const]),
        ],
      ),
      deliveries: page.rows.map((delivery) => this.#view(delivery)),
    };
  }

  @Reads('Fetches a delivery of a webhook', 'WebhookDelivery')
  @Get(':sid')
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('sid') sid: string,
    @Req() request: FastifyRequest,
  ): Promise<ReturnType<typeof webhookDeliveryJson>> {
    const delivery = await this.#queries.execute(new GetDelivery(serviceSid, sid));
    if (delivery === null) throw notFound(request.originalUrl);
    return this.#view(delivery);
  }

  #view(delivery: Delivery): ReturnType<typeof webhookDeliveryJson> {
    const { origin } = this.#url;
    return webhookDeliveryJson(delivery, { accountSid: this.#accountSid, origin });
  }
}
