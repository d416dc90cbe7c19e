import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateUser } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Changes the profile of a User. */
export class UpdateUser extends Command<Written> {
  constructor(readonly input: InputOf<typeof updateUser>) {
    super();
  }
}

@CommandHandler(UpdateUser)
export class UpdateUserHandler implements ICommandHandler<UpdateUser> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: UpdateUser): Promise<Written> {
    return updateUser(this.aggregates, input);
  }
}
