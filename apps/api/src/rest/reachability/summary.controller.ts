import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { EventStore } from '#event-store';
import { summaryJson } from '#twilio-wire/summary-json';
import { markBehind } from '../../platform/http/consistency/read-model-header.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { GetServiceSummary } from '../../use-cases/reachability/get-service-summary.ts';
import { GetSummaryDto, toResolutions } from './summary.dto.ts';

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Reachability/Summary')
export class SummaryController {
  constructor(
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
    @Inject(EVENT_STORE) private readonly events: Pick<EventStore, 'epoch'>,
  ) {}

  @Reads('Counts the Users of a Service by their answers, now and over time', 'Summary')
  @Get()
  async get(
    @Param('serviceSid') serviceSid: string,
    @Query() query: GetSummaryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const summary = new GetServiceSummary(serviceSid, toResolutions(query));
    const { found, isBehind } = await this.queries.execute(summary);
    markBehind(reply, isBehind);
    const { accountSid, origin } = this.address;
    return summaryJson(orNotFound(found), { accountSid, origin, epoch: this.events.epoch });
  }
}
