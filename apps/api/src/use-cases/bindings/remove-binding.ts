import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { removeBinding } from '#shared/use-cases/bindings';
import type { UserPath } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';

/** Records that a device can no longer be reached by push. */
export class RemoveBinding extends Command<Written> {
  constructor(
    readonly user: string | UserPath,
    readonly bindingSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RemoveBinding)
export class RemoveBindingHandler implements ICommandHandler<RemoveBinding> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: RemoveBinding): Promise<Written> {
    return removeBinding(this.aggregates, command);
  }
}
