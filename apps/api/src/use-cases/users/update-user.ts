import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateUser, type UserPath } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';

/** Changes the profile of a User. */
export class UpdateUser extends Command<Written> {
  constructor(
    readonly user: string | UserPath,
    readonly changes: Partial<UserProfile>,
    readonly context: CommandContext,
    /** Whether to call the webhook of this write. */
    readonly webhookEnabled = false,
  ) {
    super();
  }
}

@CommandHandler(UpdateUser)
export class UpdateUserHandler implements ICommandHandler<UpdateUser> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: UpdateUser): Promise<Written> {
    return updateUser(this.aggregates, command);
  }
}
