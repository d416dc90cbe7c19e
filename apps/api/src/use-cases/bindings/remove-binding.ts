import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { removeBinding } from '#shared/use-cases/bindings';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Records that a device can no longer be reached by push. */
export class RemoveBinding extends Command<Written> {
  constructor(readonly input: InputOf<typeof removeBinding>) {
    super();
  }
}

@CommandHandler(RemoveBinding)
export class RemoveBindingHandler implements ICommandHandler<RemoveBinding> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: RemoveBinding): Promise<Written> {
    return removeBinding(this.aggregates, input);
  }
}
