import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { BindingType } from '#domain';
import type { CommandContext } from '#event-store';
import { Aggregates } from '#shared/use-cases/aggregates';
import { registerBinding, type RegisteredBinding } from '#shared/use-cases/bindings';
import type { UserPath } from '#shared/use-cases/users';

/** Records that a device can be reached by push; the same device again is the same Binding. */
export class RegisterBinding extends Command<RegisteredBinding> {
  constructor(
    readonly user: string | UserPath,
    readonly bindingType: BindingType,
    readonly address: string,
    /** Name of the device; null makes one. */
    readonly endpoint: string | null,
    readonly context: CommandContext,
    /** Removes the other Bindings of this type and endpoint: a device has one address at a time. */
    readonly replacesOthers = false,
  ) {
    super();
  }
}

@CommandHandler(RegisterBinding)
export class RegisterBindingHandler implements ICommandHandler<RegisterBinding> {
  constructor(private readonly aggregates: Aggregates) {}

  execute(command: RegisterBinding): Promise<RegisteredBinding> {
    return registerBinding(this.aggregates, command);
  }
}
