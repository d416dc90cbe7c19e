import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { userStream } from '#domain';
import type { CommandContext } from '#event-store';
import type { TtlStore } from '#operational-state';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';
import { CLOCK, TTL_STORE, type Clock } from '../../infrastructure/tokens.ts';

/** Closes a Connection: in good order where a gateway opened it, as an administrator where a socket holds it. */
export class CloseConnection extends Command<Written> {
  constructor(
    readonly userSid: string,
    readonly connectionSid: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(CloseConnection)
export class CloseConnectionHandler implements ICommandHandler<CloseConnection> {
  readonly #aggregates: Aggregates;
  readonly #ttls: TtlStore;
  readonly #clock: Clock;

  constructor(
    aggregates: Aggregates,
    @Inject(TTL_STORE) ttls: TtlStore,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#aggregates = aggregates;
    this.#ttls = ttls;
    this.#clock = clock;
  }

  /** @throws DomainError `USER.NOT_FOUND`, `CONNECTION.NOT_FOUND` */
  async execute({ userSid, connectionSid, context }: CloseConnection): Promise<Written> {
    const stream = userStream(userSid);
    const { state } = await this.#aggregates.users.load(stream);
    const connections = state.status === 'active' ? state.connections : [];
    const connection = connections.find(({ sid }) => sid === connectionSid);
    const cause = connection?.ttlSeconds === null ? 'admin' : 'clean';
    const lastSeenAt = this.#clock().toISOString();
    const written = await this.#aggregates.users.handle(
      stream,
      { type: 'CloseConnection', connectionSid, cause, lastSeenAt },
      context,
    );
    await this.#ttls.remove(connectionSid);
    return written;
  }
}
