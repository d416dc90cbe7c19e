import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createUser } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import type { InputOf } from '../input-of.ts';

/** Creates a User in a Service. */
export class CreateUser extends Command<Written> {
  constructor(readonly input: InputOf<typeof createUser>) {
    super();
  }
}

@CommandHandler(CreateUser)
export class CreateUserHandler implements ICommandHandler<CreateUser> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ input }: CreateUser): Promise<Written> {
    return createUser(this.aggregates, input);
  }
}
