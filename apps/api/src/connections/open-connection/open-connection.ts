import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { deriveSid, userStream } from '#domain';
import type { CommandContext, Position } from '#event-store';
import type { TtlStore } from '#operational-state';
import { Aggregates } from '../../infrastructure/aggregates.ts';
import { CLOCK, TTL_STORE, type Clock } from '../../infrastructure/tokens.ts';

/** What came of an {@link OpenConnection}. */
export interface OpenedConnection {
  readonly connectionSid: string;
  readonly position: Position | null;
}

/**
 * Opens a Connection on behalf of a gateway that holds the socket itself. Its sid derives from the command id:
 * the same command sent again finds the same Connection.
 */
export class OpenConnection extends Command<OpenedConnection> {
  constructor(
    readonly serviceSid: string,
    readonly userSid: string,
    readonly ttlSeconds: number,
    readonly deviceId: string | null,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OpenConnection)
export class OpenConnectionHandler implements ICommandHandler<OpenConnection> {
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

  async execute(command: OpenConnection): Promise<OpenedConnection> {
    const { serviceSid, userSid, ttlSeconds, deviceId, context } = command;
    const connectionSid = deriveSid('CN', context.commandId);
    const { position } = await this.#aggregates.users.handle(
      userStream(userSid),
      {
        type: 'OpenConnection',
        connectionSid,
        transport: 'http',
        node: null,
        deviceId,
        ttlSeconds,
      },
      context,
    );
    const renewedAt = this.#clock().getTime();
    await this.#ttls.start({ connectionSid, serviceSid, userSid, ttlSeconds, renewedAt });
    return { connectionSid, position };
  }
}
