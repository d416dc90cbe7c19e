import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createService, type CreatedService } from '#shared/use-cases/services';

/** Creates a Service; the same command sent again finds the same Service. */
export class CreateService extends Command<CreatedService> {
  constructor(
    readonly friendlyName: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CreateService)
export class CreateServiceHandler implements ICommandHandler<CreateService> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: CreateService): Promise<CreatedService> {
    return createService(this.aggregates, command);
  }
}
