import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { resolveUserSid } from '#domain';
import type { CommandContext } from '#event-store';
import { Context } from '../../platform/http/command-context.ts';
import { revocationJson } from '#twilio-wire/revocation-json';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, PageQuery, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { markBehind } from '../../platform/http/consistency/read-model-header.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiBody, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { GetPastReachability } from '../../use-cases/reachability/get-past-reachability.ts';
import { GetReachabilityHistory } from '../../use-cases/reachability/get-reachability-history.ts';
import { GetUser } from '../../use-cases/users/get-user.ts';
import { RevokeTokens } from '../../use-cases/users/revoke-tokens.ts';
import { ReachabilityView } from './reachability-view.ts';
import { GetReachabilityDto } from './reachability.dto.ts';

@ApiTags('Reachability')
@ApiBasicAuth()
@Controller('v2/Services/:serviceSid/Users/:user/Reachability')
export class UserReachabilityController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly view: ReachabilityView,
    private readonly address: PublicAddress,
  ) {}

  @Reads('Answers for a User: online, notifiable, why, and since when', 'Reachability')
  @Get()
  async get(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() { AsOf: at }: GetReachabilityDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    if (at === undefined) {
      return this.view.ofUser(
        orNotFound(await this.queries.execute(new GetUser(serviceSid, user))),
      );
    }
    const query = new GetPastReachability(serviceSid, user, at);
    const { found, isBehind } = await this.queries.execute(query);
    markBehind(reply, isBehind);
    return this.view.ofPast(orNotFound(found), at);
  }

  @Writes('Revokes the access tokens issued so far, and closes their sockets', 201, 'Revocation')
  @Post('Revocations')
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBody({ required: false, schema: { type: 'object' } })
  async revoke(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const revoked = await this.commands.execute(
      new RevokeTokens({ user: { serviceSid, user }, context }),
    );
    const json = revocationJson({ serviceSid, ...revoked }, this.address);
    return { position: revoked.position, answer: () => Promise.resolve(json) };
  }

  @Reads('Lists the intervals during which the answer stayed the same', 'ReachabilityHistory')
  @Get('History')
  async history(
    @Param('serviceSid') serviceSid: string,
    @Param('user') user: string,
    @Query() query: PageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const userSid = resolveUserSid(serviceSid, user);
    const { found, isBehind } = await this.queries.execute(
      new GetReachabilityHistory(serviceSid, userSid, toPageRequest(query)),
    );
    markBehind(reply, isBehind);
    return pageJson(orNotFound(found), {
      key: 'history',
      url: this.address.url('Services', serviceSid, 'Users', userSid, 'Reachability', 'History'),
      query,
      positionOf: ({ position }) => position,
      toJson: (interval) => this.view.ofInterval(interval),
    });
  }
}
