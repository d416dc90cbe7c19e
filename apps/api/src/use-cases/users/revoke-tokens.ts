import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { revokeTokens, type RevokedTokens } from '#shared/use-cases/users';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Revokes the access tokens of a User issued so far, and closes the Connections that its clients hold open. */
export class RevokeTokens extends Command<RevokedTokens> {
  constructor(readonly input: InputOf<typeof revokeTokens>) {
    super();
  }
}

@CommandHandler(RevokeTokens)
export class RevokeTokensHandler implements ICommandHandler<RevokeTokens> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: RevokeTokens): Promise<RevokedTokens> {
    return revokeTokens({ aggregates: this.aggregates, clock: this.clock }, input);
  }
}
