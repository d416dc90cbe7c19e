import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSid } from '#domain';
import { ChangeFeeds } from '../../change-feed/change-feeds.ts';
import { EVENT_STREAM } from '../../change-feed/sse.ts';
import { parseVersion } from '../../platform/http/consistency/version-header.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { ApiBasicAuth, ApiTags } from '../../platform/openapi/decorators.ts';
import { Follows } from '../../platform/openapi/operations.ts';
import { GetServiceState } from '../../use-cases/services/get-service-state.ts';
import { FollowChangesDto, toChangeFilter } from './changes.dto.ts';

const RESUME_HEADER = 'Last-Event-ID';

/** Keeps caches and proxies from holding the stream back. */
const STREAM_HEADERS = {
  'Content-Type': EVENT_STREAM,
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
};

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Reachability/Changes')
export class ChangesController {
  constructor(
    private readonly queries: QueryBus,
    private readonly feeds: ChangeFeeds,
  ) {}

  @Follows("Sends each change of a User's answer, and of the Service, as it happens")
  @Get()
  async follow(
    @Param('serviceSid') serviceSid: string,
    @Query() query: FollowChangesDto,
    @Headers(RESUME_HEADER.toLowerCase()) lastEventId: string | undefined,
    @Req() { caller, method }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const filter = toChangeFilter(serviceSid, query);
    const since =
      lastEventId === undefined || lastEventId === ''
        ? parseVersion('Since', query.Since)
        : parseVersion(RESUME_HEADER, lastEventId);
    orNotFound((await this.#exists(serviceSid)) ? serviceSid : null);
    const request = { serviceSid, caller, filter, since };
    const text = method === 'HEAD' ? undefined : await this.feeds.open(request, reply.raw);
    void reply.headers(STREAM_HEADERS).send(text);
  }

  /** Asks the log: a follower takes 404 as the end, and the read model may be behind. */
  async #exists(serviceSid: string): Promise<boolean> {
    if (!isSid('IS', serviceSid)) return false;
    const { status } = await this.queries.execute(new GetServiceState(serviceSid));
    return status === 'active';
  }
}
