import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream, type UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { CommandHandlings } from '../../infrastructure/command-handlings.ts';

/** Changes what a client may set on a User. */
export class UpdateUser extends Command<Written> {
  constructor(
    readonly userSid: string,
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
  readonly #handlings: CommandHandlings;

  constructor(handlings: CommandHandlings) {
    this.#handlings = handlings;
  }

  execute({ userSid, changes, context, webhookEnabled }: UpdateUser): Promise<Written> {
    return this.#handlings.users.handle(
      userStream(userSid),
      { type: 'UpdateUser', changes, webhookEnabled },
      context,
    );
  }
}
