import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { deleteUser, type UserPath } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';

/** Deletes a User, closes its Connections and removes its Bindings. */
export class DeleteUser extends Command<Written> {
  constructor(
    readonly user: string | UserPath,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(DeleteUser)
export class DeleteUserHandler implements ICommandHandler<DeleteUser> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute(command: DeleteUser): Promise<Written> {
    return deleteUser({ aggregates: this.aggregates, clock: this.clock }, command);
  }
}
