import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { revokeApiKey, type ChangedApiKey } from '#shared/use-cases/api-keys';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { ApiKeyDirectory } from '../../platform/api-keys/api-key-directory.ts';
import type { InputOf } from '../input-of.ts';

/** Revokes an API key; this process refuses it, and ends the sessions of its tokens, at once. */
export class RevokeApiKey extends Command<ChangedApiKey> {
  constructor(readonly input: InputOf<typeof revokeApiKey>) {
    super();
  }
}

@CommandHandler(RevokeApiKey)
export class RevokeApiKeyHandler implements ICommandHandler<RevokeApiKey> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly secrets: ApiKeySecrets,
    private readonly directory: ApiKeyDirectory,
  ) {}

  async execute({ input }: RevokeApiKey): Promise<ChangedApiKey> {
    const stores = { aggregates: this.aggregates, secrets: this.secrets };
    const revoked = await revokeApiKey(stores, input);
    this.directory.set(revoked.keySid, revoked.state, revoked.position);
    return revoked;
  }
}
