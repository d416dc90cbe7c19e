import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { deleteUser } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Deletes a User, closes its Connections and removes its Bindings. */
export class DeleteUser extends Command<Written> {
  constructor(readonly input: InputOf<typeof deleteUser>) {
    super();
  }
}

@CommandHandler(DeleteUser)
export class DeleteUserHandler implements ICommandHandler<DeleteUser> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: DeleteUser): Promise<Written> {
    return deleteUser({ aggregates: this.aggregates, clock: this.clock }, input);
  }
}
