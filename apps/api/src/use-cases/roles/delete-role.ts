import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { deleteRole } from '#shared/use-cases/roles';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Deletes a Role of a Service. */
export class DeleteRole extends Command<Written> {
  constructor(readonly input: InputOf<typeof deleteRole>) {
    super();
  }
}

@CommandHandler(DeleteRole)
export class DeleteRoleHandler implements ICommandHandler<DeleteRole> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: DeleteRole): Promise<Written> {
    return deleteRole(this.aggregates, input);
  }
}
