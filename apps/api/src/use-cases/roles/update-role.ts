import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { updateRole } from '#shared/use-cases/roles';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Replaces the permissions of a Role. */
export class UpdateRole extends Command<Written> {
  constructor(readonly input: InputOf<typeof updateRole>) {
    super();
  }
}

@CommandHandler(UpdateRole)
export class UpdateRoleHandler implements ICommandHandler<UpdateRole> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: UpdateRole): Promise<Written> {
    return updateRole({ aggregates: this.aggregates, clock: this.clock }, input);
  }
}
