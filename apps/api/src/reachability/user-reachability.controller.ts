import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiBasicAuth, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Reads } from '../docs/documented.ts';
import { notFound } from '../http/twilio-error.ts';
import { GetUser } from '../users/get-user/get-user.ts';
import { GetReachabilityDto } from './get-reachability.dto.ts';
import { ReachabilityView } from './reachability-view.ts';

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Users/:user/Reachability')
export class UserReachabilityController {
  readonly #queries: QueryBus;
  readonly #view: ReachabilityView;

  constructor(queries: QueryBus, view: ReachabilityView) {
    this.#queries = queries;
    this.#view = view;
  }

  @Reads('Answers for a User: online, notifiable, why, and since when', 'Reachability')
  @Get()
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() _: GetReachabilityDto,
    @Req() request: FastifyRequest,
  ): Promise<ReturnType<ReachabilityView['ofUser']>> {
    const found = await this.#queries.execute(new GetUser(serviceSid, user));
    if (found === null) throw notFound(request.originalUrl);
    return this.#view.ofUser(found);
  }
}
