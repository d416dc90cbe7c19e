import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SharedClock, TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openConnection, type OpenedConnection } from '#shared/use-cases/http-connections';
import { SHARED_CLOCK, TTL_STORE } from '../../platform/injection-tokens.ts';
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
    @Inject(SHARED_CLOCK) private readonly sharedClock: SharedClock,
  ) {}

  execute({ input }: OpenConnection): Promise<OpenedConnection> {
    return openConnection(
      { aggregates: this.aggregates, ttls: this.ttls, sharedClock: this.sharedClock },
      input,
    );
  }
}
