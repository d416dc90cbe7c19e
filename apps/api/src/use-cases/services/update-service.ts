import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateService } from '#shared/use-cases/services';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Changes settings of a Service, the reachability flag, or both at once. */
export class UpdateService extends Command<Written> {
  constructor(readonly input: InputOf<typeof updateService>) {
    super();
  }
}

@CommandHandler(UpdateService)
export class UpdateServiceHandler implements ICommandHandler<UpdateService> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: UpdateService): Promise<Written> {
    return updateService(this.aggregates, input);
  }
}
