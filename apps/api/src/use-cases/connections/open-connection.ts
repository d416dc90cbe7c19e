import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { openConnection, type OpenedConnection } from '#shared/use-cases/http-connections';
import type { UserPath } from '#shared/use-cases/users';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';

/** Opens a Connection for a gateway that holds the socket itself. */
export class OpenConnection extends Command<OpenedConnection> {
  constructor(
    readonly user: UserPath,
    readonly ttlSeconds: number,
    readonly deviceId: string | null,
    readonly context: CommandContext,
  ) {
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

  execute(command: OpenConnection): Promise<OpenedConnection> {
    return openConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      command,
    );
  }
}
