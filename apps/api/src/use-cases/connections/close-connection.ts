import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { closeConnection } from '#shared/use-cases/http-connections';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Closes a Connection at the request of an API client. */
export class CloseConnection extends Command<Written> {
  constructor(readonly input: InputOf<typeof closeConnection>) {
    super();
  }
}

@CommandHandler(CloseConnection)
export class CloseConnectionHandler implements ICommandHandler<CloseConnection> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: CloseConnection): Promise<Written> {
    return closeConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      input,
    );
  }
}
