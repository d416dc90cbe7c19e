import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { deleteService } from '#shared/use-cases/services';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Deletes a Service; a worker then deletes its Users. */
export class DeleteService extends Command<Written> {
  constructor(readonly input: InputOf<typeof deleteService>) {
    super();
  }
}

@CommandHandler(DeleteService)
export class DeleteServiceHandler implements ICommandHandler<DeleteService> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: DeleteService): Promise<Written> {
    return deleteService(this.aggregates, input);
  }
}
