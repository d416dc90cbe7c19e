import { Body, Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { assertIdentity } from '#domain';
import { Settings } from '#shared/settings/settings';
import { Writes } from '../../platform/openapi/documented.ts';
import { notFound } from '#twilio-wire/twilio-error';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { assertServiceExists } from '#shared/use-cases/services';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { CreateTokenDto } from './create-token.dto.ts';

/** A helper for development. In production an application's back end mints tokens, with Twilio's own library. */
@ApiTags('Tokens')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Tokens')
export class TokensController {
  readonly #settings: Settings;
  readonly #tokens: AccessTokens;
  readonly #aggregates: Aggregates;
  readonly #clock: Clock;

  constructor(
    settings: Settings,
    tokens: AccessTokens,
    aggregates: Aggregates,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#aggregates = aggregates;
    this.#clock = clock;
  }

  @Writes('Mints an access token, for development only', 201, 'Token')
  @Post()
  async create(
    @Param('serviceSid') serviceSid: string,
    @Body() { Identity: identity, Ttl: ttl }: CreateTokenDto,
    @Req() request: FastifyRequest,
  ): Promise<object> {
    if (this.#settings.NODE_ENV === 'production') throw notFound(request.originalUrl);
    await assertServiceExists(this.#aggregates, serviceSid);
    assertIdentity(identity);
    const token = await this.#tokens.mint(serviceSid, identity, ttl);
    const expiresAt = new Date(this.#clock().getTime() + ttl * 1000).toISOString();
    return { token, identity, service_sid: serviceSid, expires_at: expiresAt };
  }
}
