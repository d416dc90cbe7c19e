import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService, type CreatedService } from '#shared/use-cases/services';
import type { InputOf } from '../input-of.ts';

/** Creates a Service; the same command sent again finds the same Service. */
export class CreateService extends Command<CreatedService> {
  constructor(readonly input: InputOf<typeof createService>) {
    super();
  }
}

@CommandHandler(CreateService)
export class CreateServiceHandler implements ICommandHandler<CreateService> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: CreateService): Promise<CreatedService> {
    return createService(this.aggregates, input);
  }
}
