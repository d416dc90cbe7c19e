import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createApiKey, type IssuedApiKey } from '#shared/use-cases/api-keys';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { ApiKeyDirectory } from '../../platform/api-keys/api-key-directory.ts';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Creates an API key, which this process accepts at once. */
export class CreateApiKey extends Command<IssuedApiKey> {
  constructor(readonly input: Omit<InputOf<typeof createApiKey>, 'now'>) {
    super();
  }
}

@CommandHandler(CreateApiKey)
export class CreateApiKeyHandler implements ICommandHandler<CreateApiKey> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly secrets: ApiKeySecrets,
    private readonly directory: ApiKeyDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input }: CreateApiKey): Promise<IssuedApiKey> {
    const stores = { aggregates: this.aggregates, secrets: this.secrets };
    const changed = await createApiKey(stores, { ...input, now: this.clock() });
    this.directory.set(changed.keySid, changed.state, changed.position);
    return changed;
  }
}
