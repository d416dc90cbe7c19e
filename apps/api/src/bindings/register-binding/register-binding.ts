import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { bindingSid, userStream, type BindingType } from '#domain';
import type { CommandContext, Position } from '#event-store';
import { Aggregates } from '../../infrastructure/aggregates.ts';

/** What came of a {@link RegisterBinding}. */
export interface RegisteredBinding {
  readonly bindingSid: string;
  readonly position: Position | null;
}

/** Records that a device can be reached by push. The same device registered again is the same Binding. */
export class RegisterBinding extends Command<RegisteredBinding> {
  constructor(
    readonly userSid: string,
    readonly bindingType: BindingType,
    readonly address: string,
    /** Null makes one, in Twilio's form of User and device. */
    readonly endpoint: string | null,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RegisterBinding)
export class RegisterBindingHandler implements ICommandHandler<RegisterBinding> {
  readonly #aggregates: Aggregates;

  constructor(aggregates: Aggregates) {
    this.#aggregates = aggregates;
  }

  async execute(command: RegisterBinding): Promise<RegisteredBinding> {
    const { userSid, bindingType, address, context } = command;
    const sid = bindingSid(userSid, bindingType, address);
    const endpoint = command.endpoint ?? `${userSid}:${sid}`;
    const { position } = await this.#aggregates.users.handle(
      userStream(userSid),
      { type: 'RegisterBinding', bindingSid: sid, bindingType, address, endpoint },
      context,
    );
    return { bindingSid: sid, position };
  }
}
