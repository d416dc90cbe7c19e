import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { renewConnection } from '#shared/use-cases/http-connections';
import type { UserPath } from '#shared/use-cases/users';
import type { Written } from '#shared/use-cases/written';
import { CLOCK, TTL_STORE, type Clock } from '../../platform/injection-tokens.ts';

/** Moves the deadline of a Connection that was opened over HTTP. */
export class RenewConnection extends Command<Written> {
  constructor(
    readonly user: UserPath,
    readonly connectionSid: string,
    /** Null keeps the current TTL. */
    readonly ttlSeconds: number | null,
    readonly context: CommandContext,
  ) {
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

  execute(command: RenewConnection): Promise<Written> {
    return renewConnection(
      { aggregates: this.aggregates, ttls: this.ttls, clock: this.clock },
      command,
    );
  }
}
