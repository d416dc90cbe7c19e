import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { resolveUserSid } from '#domain';
import { eventJson } from '#twilio-wire/event-json';
import { markBehind } from '../../platform/http/consistency/read-model-header.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads } from '../../platform/openapi/operations.ts';
import { ExplainReachability } from '../../use-cases/reachability/explain-reachability.ts';
import { ListEvents } from '../../use-cases/reachability/list-events.ts';
import {
  ListServiceEventsDto,
  ListUserEventsDto,
  toEventFilter,
  toLinkFilters,
} from './list-events.dto.ts';
import { ReachabilityView } from './reachability-view.ts';
import { GetReachabilityDto } from './reachability.dto.ts';

/** Why the answers are what they are: explanations, and the events of the log. */
@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid')
export class EvidenceController {
  constructor(
    private readonly queries: QueryBus,
    private readonly view: ReachabilityView,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Explains the answer for a User by the events that led to it', 'Explanation')
  @Get('Users/:user/Reachability/Explanation')
  async explain(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() { AsOf }: GetReachabilityDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const at = AsOf ?? null;
    const query = new ExplainReachability(serviceSid, user, at);
    const { found, isBehind } = await this.queries.execute(query);
    markBehind(reply, isBehind);
    return this.view.ofExplanation(orNotFound(found), at);
  }

  @Reads('Lists the events of a User, newest first', 'EventList')
  @Get('Users/:user/Reachability/Events')
  listOfUser(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: ListUserEventsDto,
  ): Promise<object> {
    return this.#list(serviceSid, user, query);
  }

  @Reads('Lists the events of a Service itself, newest first', 'EventList')
  @Get('Reachability/Events')
  listOfService(
    @Param('serviceSid') serviceSid: string,
    @Query() query: ListServiceEventsDto,
  ): Promise<object> {
    return this.#list(serviceSid, null, query);
  }

  async #list(
    serviceSid: string,
    user: string | null,
    query: ListUserEventsDto | ListServiceEventsDto,
  ): Promise<object> {
    const page = await this.queries.execute(
      new ListEvents(serviceSid, user, toEventFilter(query), toPageRequest(query)),
    );
    const ofUser = user === null ? [] : ['Users', resolveUserSid(serviceSid, user)];
    return pageJson(orNotFound(page), {
      key: 'events',
      url: this.address.url('Services', serviceSid, ...ofUser, 'Reachability', 'Events'),
      query,
      positionOf: ({ recorded }) => String(recorded.revision),
      toJson: eventJson,
      filters: toLinkFilters(query),
    });
  }
}
