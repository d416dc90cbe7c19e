import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createUser } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';

/** Creates a User in a Service. */
export class CreateUser extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly identity: string,
    readonly profile: Partial<UserProfile>,
    readonly context: CommandContext,
    /** Whether to call the webhook of this write. */
    readonly webhookEnabled = false,
  ) {
    super();
  }
}

@CommandHandler(CreateUser)
export class CreateUserHandler implements ICommandHandler<CreateUser> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: CreateUser): Promise<Written> {
    return createUser(this.aggregates, command);
  }
}
