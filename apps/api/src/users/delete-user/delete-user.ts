import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';
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
  readonly #aggregates: Aggregates;
  readonly #clock: Clock;

  constructor(aggregates: Aggregates, @Inject(CLOCK) clock: Clock) {
    this.#aggregates = aggregates;
    this.#clock = clock;
  }

  execute({ userSid, context }: DeleteUser): Promise<Written> {
    return this.#aggregates.users.handle(
      userStream(userSid),
      { type: 'DeleteUser', at: this.#clock().toISOString() },
      context,
    );
  }
}
