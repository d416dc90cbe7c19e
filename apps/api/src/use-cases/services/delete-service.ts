import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { deleteService } from '#shared/use-cases/services';
import type { Written } from '#shared/use-cases/written';

/** Deletes a Service; a worker then deletes its Users. */
export class DeleteService extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(DeleteService)
export class DeleteServiceHandler implements ICommandHandler<DeleteService> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: DeleteService): Promise<Written> {
    return deleteService(this.aggregates, command);
  }
}
