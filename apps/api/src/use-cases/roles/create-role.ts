import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates } from '#shared/use-cases/aggregates';
import { createRole, type CreatedRole } from '#shared/use-cases/roles';
import { CLOCK, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Creates a Role in a Service. */
export class CreateRole extends Command<CreatedRole> {
  constructor(readonly input: InputOf<typeof createRole>) {
    super();
  }
}

@CommandHandler(CreateRole)
export class CreateRoleHandler implements ICommandHandler<CreateRole> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: CreateRole): Promise<CreatedRole> {
    return createRole({ aggregates: this.aggregates, clock: this.clock }, input);
  }
}
