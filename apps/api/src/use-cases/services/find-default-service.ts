import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { findDefaultService, type DefaultService } from '#shared/use-cases/default-service';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { waitUntilVisible } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Finds the default Service of an account, or creates it. The read model then shows it. */
export class FindDefaultService extends Command<DefaultService | null> {
  constructor(readonly input: InputOf<typeof findDefaultService>) {
    super();
  }
}

@CommandHandler(FindDefaultService)
export class FindDefaultServiceHandler implements ICommandHandler<FindDefaultService> {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly progress: ReadModelProgress,
  ) {}

  async execute({ input }: FindDefaultService): Promise<DefaultService | null> {
    const found = await findDefaultService(this.aggregates, input);
    if (found !== null) await waitUntilVisible(this.progress, found);
    return found;
  }
}
