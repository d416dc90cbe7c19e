import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { DomainError, userStream } from '#domain';
import type { TtlStore } from '#operational-state';
import { invalidParameter } from '../../http/twilio-error.ts';
import type { Written } from '../../http/written.ts';
import { Aggregates } from '../../infrastructure/aggregates.ts';
import { CLOCK, TTL_STORE, type Clock } from '../../infrastructure/tokens.ts';

/** Moves the deadline of a Connection opened over HTTP. Nothing of it reaches the log. */
export class RenewConnection extends Command<Written> {
  constructor(
    readonly serviceSid: string,
    readonly userSid: string,
    readonly connectionSid: string,
    /** Null keeps the TTL that it has. */
    readonly ttlSeconds: number | null,
  ) {
    super();
  }
}

@CommandHandler(RenewConnection)
export class RenewConnectionHandler implements ICommandHandler<RenewConnection> {
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

  /**
   * Answers the place in the log from which on the Connection is there.
   *
   * @throws DomainError `CONNECTION.NOT_FOUND`, also where the deadline has passed and the close is under way
   * @throws TwilioError for a Connection that a socket holds
   */
  async execute(command: RenewConnection): Promise<Written> {
    const { serviceSid, userSid, connectionSid } = command;
    const { state, position } = await this.#aggregates.users.load(userStream(userSid));
    const connections = state.status === 'active' ? state.connections : [];
    const connection = connections.find(({ sid }) => sid === connectionSid);
    if (connection === undefined) throw notOpen();
    if (connection.ttlSeconds === null) {
      throw invalidParameter('A Connection that a socket holds has no Ttl to renew');
    }
    const entry = await this.#ttls.find(connectionSid);
    const ttlSeconds = command.ttlSeconds ?? entry?.ttlSeconds ?? connection.ttlSeconds;
    const renewedAt = this.#clock().getTime();
    if (entry === null) {
      await this.#ttls.start({ connectionSid, serviceSid, userSid, ttlSeconds, renewedAt });
    } else if (!(await this.#ttls.renew(connectionSid, ttlSeconds, renewedAt))) {
      throw notOpen();
    }
    return { position };
  }
}

function notOpen(): DomainError {
  return new DomainError('CONNECTION.NOT_FOUND', 'Connection is not open');
}
