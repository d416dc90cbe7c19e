import { Body, Controller, NotFoundException, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { toWatchGrant } from '#domain';
import { Settings } from '#shared/settings/settings';
import { SecretAnswer } from '../../platform/http/idempotency/secret-answer.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Writes } from '../../platform/openapi/operations.ts';
import { MintAccessToken } from '../../use-cases/tokens/mint-access-token.ts';
import { CreateTokenDto } from './create-token.dto.ts';

/** A helper for development. In production, the application's back end mints tokens with Twilio's library. */
@ApiTags('Tokens')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Services/:serviceSid/Tokens')
export class TokensController {
  constructor(
    private readonly settings: Settings,
    private readonly commands: CommandBus,
  ) {}

  @SecretAnswer(true)
  @Writes('Mints an access token, for development only', 201, 'Token')
  @Post()
  async create(
    @Param('serviceSid') serviceSid: string,
    @Body() { Identity: identity, Ttl, WatchIdentities, WatchPrefix }: CreateTokenDto,
  ): Promise<WriteResult> {
    if (this.settings.NODE_ENV === 'production') throw new NotFoundException();
    const watchGrant = toWatchGrant(WatchIdentities, WatchPrefix ?? null);
    const command = new MintAccessToken(serviceSid, identity, Ttl, watchGrant);
    const { token, expiresAt } = await this.commands.execute(command);
    const answer = {
      token,
      identity,
      service_sid: serviceSid,
      expires_at: expiresAt.toISOString(),
    };
    return { position: null, answer: () => Promise.resolve(answer) };
  }
}
