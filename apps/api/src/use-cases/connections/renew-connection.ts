import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { renewConnection } from '#shared/use-cases/http-connections';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Moves the deadline of a Connection that was opened over HTTP. */
export class RenewConnection extends Command<Written> {
  constructor(readonly input: InputOf<typeof renewConnection>) {
    super();
  }
}

@CommandHandler(RenewConnection)
export class RenewConnectionHandler implements ICommandHandler<RenewConnection> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: RenewConnection): Promise<Written> {
    return renewConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      input,
    );
  }
}
