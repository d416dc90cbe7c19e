import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { SharedClock, TtlStore } from '#operational-state';
import { Aggregates } from '#shared/use-cases/aggregates';
import { renewConnection } from '#shared/use-cases/http-connections';
import type { Written } from '#shared/use-cases/written';
import { SHARED_CLOCK, TTL_STORE } from '../../platform/injection-tokens.ts';
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
    @Inject(SHARED_CLOCK) private readonly sharedClock: SharedClock,
  ) {}

  execute({ input }: RenewConnection): Promise<Written> {
    return renewConnection(
      { aggregates: this.aggregates, ttls: this.ttls, sharedClock: this.sharedClock },
      input,
    );
  }
}
