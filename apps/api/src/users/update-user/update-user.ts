import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream, type UserProfile } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';

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
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  execute({ userSid, changes, context, webhookEnabled }: UpdateUser): Promise<Written> {
    return this.#aggregates.users.handle(
      userStream(userSid),
      { type: 'UpdateUser', changes, webhookEnabled },
      context,
    );
  }
}
