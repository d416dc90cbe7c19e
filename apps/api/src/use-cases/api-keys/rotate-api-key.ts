import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { rotateApiKey, type IssuedApiKey } from '#shared/use-cases/api-keys';
import { ApiKeySecrets } from '#shared/use-cases/api-key-secrets';
import { ApiKeyDirectory } from '../../platform/api-keys/api-key-directory.ts';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Gives an API key another secret; this process refuses the one before at once, or after the overlap. */
export class RotateApiKey extends Command<IssuedApiKey> {
  constructor(readonly input: Omit<InputOf<typeof rotateApiKey>, 'now'>) {
    super();
  }
}

@CommandHandler(RotateApiKey)
export class RotateApiKeyHandler implements ICommandHandler<RotateApiKey> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly secrets: ApiKeySecrets,
    private readonly directory: ApiKeyDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute({ input }: RotateApiKey): Promise<IssuedApiKey> {
    const stores = { aggregates: this.aggregates, secrets: this.secrets };
    const changed = await rotateApiKey(stores, { ...input, now: this.clock() });
    this.directory.set(changed.keySid, changed.state, changed.position);
    return changed;
  }
}
