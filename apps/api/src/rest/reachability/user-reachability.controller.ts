import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { resolveUserSid } from '#domain';
import { Reads } from '../../platform/openapi/documented.ts';
import { PageQuery, pageMeta, toPageRequest } from '../../platform/http/paging.ts';
import { PublicUrl } from '../../platform/http/public-url.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { GetPastReachability } from '../../use-cases/reachability/get-past-reachability.ts';
import { GetReachabilityDto } from './get-reachability.dto.ts';
import { GetReachabilityHistory } from '../../use-cases/reachability/get-reachability-history.ts';
import { ReachabilityView } from './reachability-view.ts';
import { TimelineFreshness } from '../../use-cases/reachability/timeline-freshness.ts';

type Present = ReturnType<ReachabilityView['ofUser']>;
type Past = ReturnType<ReachabilityView['ofPast']>;

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Users/:user/Reachability')
export class UserReachabilityController {
  readonly #queries: QueryBus;
  readonly #view: ReachabilityView;
  readonly #timeline: TimelineFreshness;
  readonly #url: PublicUrl;

  constructor(
    queries: QueryBus,
    view: ReachabilityView,
    timeline: TimelineFreshness,
    url: PublicUrl,
  ) {
    this.#queries = queries;
    this.#view = view;
    this.#timeline = timeline;
    this.#url = url;
  }

  @Reads('Answers for a User: online, notifiable, why, and since when', 'Reachability')
  @Get()
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() { AsOf }: GetReachabilityDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Present | Past> {
    if (AsOf !== undefined) {
      await this.#timeline.settleAt(AsOf, reply);
      const past = await this.#queries.execute(new GetPastReachability(serviceSid, user, AsOf));
      if (past === null) throw notFound(request.originalUrl);
      return this.#view.ofPast(past, AsOf);
    }
    const found = await this.#queries.execute(new GetUser(serviceSid, user));
    if (found === null) throw notFound(request.originalUrl);
    return this.#view.ofUser(found);
  }

  @Reads('Lists the stretches of time in which the answer stayed the same', 'ReachabilityHistory')
  @Get('History')
  async history(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: PageQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const pageRequest = toPageRequest(query);
    await this.#timeline.settle(reply);
    const userSid = resolveUserSid(serviceSid, user);
    const page = await this.#queries.execute(
      new GetReachabilityHistory(serviceSid, userSid, pageRequest),
    );
    if (page === null) throw notFound(request.originalUrl);
    const path = ['Services', serviceSid, 'Users', userSid, 'Reachability', 'History'];
    return {
      meta: pageMeta('history', this.#url.of(...path), query, page, ({ position }) => position),
      history: page.rows.map((interval) => this.#view.ofInterval(interval)),
    };
  }
}
