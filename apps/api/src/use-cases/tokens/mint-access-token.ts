import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { assertIdentity, type WatchGrant } from '#domain';
import { Aggregates } from '#shared/use-cases/aggregates';
import { assertServiceExists } from '#shared/use-cases/services';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';

interface MintedToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Mints an access token for an identity, which needs no User yet. */
export class MintAccessToken extends Command<MintedToken> {
  constructor(
    readonly serviceSid: string,
    readonly identity: string,
    readonly ttlSeconds: number,
    readonly watchGrant: WatchGrant,
  ) {
    super();
  }
}

@CommandHandler(MintAccessToken)
export class MintAccessTokenHandler implements ICommandHandler<MintAccessToken> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly tokens: AccessTokens,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({
    serviceSid,
    identity,
    ttlSeconds,
    watchGrant,
  }: MintAccessToken): Promise<MintedToken> {
    await assertServiceExists(this.aggregates, serviceSid);
    assertIdentity(identity);
    const token = await this.tokens.mint(serviceSid, identity, ttlSeconds, watchGrant);
    return { token, expiresAt: new Date(this.clock().getTime() + ttlSeconds * 1000) };
  }
}
