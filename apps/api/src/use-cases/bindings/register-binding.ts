import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { registerBinding, type RegisteredBinding } from '#shared/use-cases/bindings';
import type { InputOf } from '../input-of.ts';

/** Records that a device can be reached by push; the same device again is the same Binding. */
export class RegisterBinding extends Command<RegisteredBinding> {
  constructor(readonly input: InputOf<typeof registerBinding>) {
    super();
  }
}

@CommandHandler(RegisterBinding)
export class RegisterBindingHandler implements ICommandHandler<RegisterBinding> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: RegisterBinding): Promise<RegisteredBinding> {
    return registerBinding(this.aggregates, input);
  }
}
