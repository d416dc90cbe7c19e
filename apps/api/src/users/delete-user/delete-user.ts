import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { CommandHandlings } from '../../infrastructure/command-handlings.ts';
import { CLOCK, type Clock } from '../../infrastructure/tokens.ts';

/** Deletes a User, closing its Connections and removing its Bindings with it. */
export class DeleteUser extends Command<Written> {
  constructor(
    readonly userSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(DeleteUser)
export class DeleteUserHandler implements ICommandHandler<DeleteUser> {
  readonly #handlings: CommandHandlings;
  readonly #clock: Clock;

  constructor(handlings: CommandHandlings, @Inject(CLOCK) clock: Clock) {
    this.#handlings = handlings;
    this.#clock = clock;
  }

  execute({ userSid, context }: DeleteUser): Promise<Written> {
    return this.#handlings.users.handle(
      userStream(userSid),
      { type: 'DeleteUser', at: this.#clock().toISOString() },
      context,
    );
  }
}
