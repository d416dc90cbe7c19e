import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { closeConnection } from '#shared/use-cases/http-connections';
import type { UserPath } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';

/** Closes a Connection at the request of an API client. */
export class CloseConnection extends Command<Written> {
  constructor(
    readonly user: UserPath,
    readonly connectionSid: string,
    readonly context: CommandContext,
  ) {
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

  execute(command: CloseConnection): Promise<Written> {
    return closeConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      command,
    );
  }
}
