import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';

/** Records that a device can no longer be reached by push. */
export class RemoveBinding extends Command<Written> {
  constructor(
    readonly userSid: string,
    readonly bindingSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RemoveBinding)
export class RemoveBindingHandler implements ICommandHandler<RemoveBinding> {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  /** @throws DomainError `USER.NOT_FOUND`, `BINDING.NOT_FOUND` */
  execute({ userSid, bindingSid, context }: RemoveBinding): Promise<Written> {
    return this.#aggregates.users.handle(
      userStream(userSid),
      { type: 'RemoveBinding', bindingSid },
      context,
    );
  }
}
