import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openConnection, type OpenedConnection } from '#shared/use-cases/http-connections';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';
import type { InputOf } from '../input-of.ts';

/** Opens a Connection for a gateway that holds the socket itself. */
export class OpenConnection extends Command<OpenedConnection> {
  constructor(readonly input: InputOf<typeof openConnection>) {
    super();
  }
}

@CommandHandler(OpenConnection)
export class OpenConnectionHandler implements ICommandHandler<OpenConnection> {
  constructor(
    private readonly aggregates: Aggregates,
    @Inject(TTL_STORE) private readonly ttls: TtlStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ input }: OpenConnection): Promise<OpenedConnection> {
    return openConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      input,
    );
  }
}
