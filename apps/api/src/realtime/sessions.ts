import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  deriveSid,
  DomainError,
  userSid,
  userStream,
  type CloseCause,
  type Transport,
} from '#domain';
import { AppendOutcomeUnknownError, backOff, type Position, type RetryPolicy } from '#event-store';
import { CommandHandlings } from '../infrastructure/command-handlings.ts';
import { CLOCK, type Clock } from '../infrastructure/tokens.ts';
import { OwnIncarnation } from '../nodes/own-incarnation.ts';
import type { AccessToken } from '../tokens/access-tokens.ts';
import { ExistingServices } from '../users/existing-services.ts';
import { LogFeed, type LogEvent } from './log-feed.ts';

/** Waits between attempts to record a close, which must not get lost while the process lives. */
const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 100, capMs: 5_000 };

/** A Connection that a socket of this process holds. */
export interface Session {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly serviceSid: string;
  readonly identity: string;
  /** Where its ConnectionOpened stands in the log. */
  readonly position: Position;
}

/** Told when a Connection was closed by somebody else than its socket. */
export type ClosedElsewhere = (why: 'user deleted' | 'connection closed') => void;

/** Opens and closes the Connections behind sockets, whatever protocol the sockets speak. */
@Injectable()
export class Sessions {
  readonly #logger = new Logger(Sessions.name);
  readonly #handlings: CommandHandlings;
  readonly #services: ExistingServices;
  readonly #node: OwnIncarnation;
  readonly #clock: Clock;
  /** By sid of the Connection. */
  readonly #held = new Map<string, ClosedElsewhere>();
  readonly #stopping = new AbortController();

  constructor(
    handlings: CommandHandlings,
    services: ExistingServices,
    node: OwnIncarnation,
    feed: LogFeed,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#handlings = handlings;
    this.#services = services;
    this.#node = node;
    this.#clock = clock;
    feed.listen((event) => this.#follow(event));
  }

  /**
   * Opens a Connection for whom the token names; an unknown identity becomes a User. Settles once that is durable.
   *
   * @throws DomainError `SERVICE.NOT_FOUND`
   */
  async open(
    token: AccessToken,
    transport: Transport,
    deviceId: string | null,
    closedElsewhere: ClosedElsewhere,
  ): Promise<Session> {
    const { serviceSid, identity } = token;
    await this.#services.assertExists(serviceSid);
    const commandId = randomUUID();
    const connectionSid = deriveSid('CN', commandId);
    const connection = { connectionSid, userSid: userSid(serviceSid, identity) };
    // Held before it is open: its close may be seen before its opening is acknowledged.
    this.#held.set(connectionSid, closedElsewhere);
    try {
      const { position } = await this.#handlings.users.handle(
        userStream(connection.userSid),
        {
          type: 'OpenConnection',
          connectionSid,
          transport,
          node: this.#node.current,
          deviceId,
          ttlSeconds: null,
          createAs: { serviceSid, identity },
        },
        { commandId, correlationId: connectionSid, actor: `identity:${identity}` },
      );
      if (position === null) throw new Error('An opened Connection has no place in the log');
      return { ...connection, serviceSid, identity, position };
    } catch (error) {
      if (error instanceof AppendOutcomeUnknownError) void this.close(connection, 'abrupt');
      else this.#held.delete(connectionSid);
      throw error;
    }
  }

  /**
   * Records that a Connection has ended. Keeps trying until it is recorded or the process stops.
   *
   * @param seenAt last moment at which the client was known to be there; now by default
   */
  async close(
    { connectionSid, userSid }: Pick<Session, 'connectionSid' | 'userSid'>,
    cause: CloseCause,
    seenAt = this.#clock(),
  ): Promise<void> {
    if (!this.#held.delete(connectionSid)) return;
    const lastSeenAt = seenAt.toISOString();
    const commandId = randomUUID();
    const command = { type: 'CloseConnection', connectionSid, cause, lastSeenAt } as const;
    const context = { commandId, correlationId: connectionSid, actor: this.#node.actor };
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#handlings.users.handle(userStream(userSid), command, context);
        return;
      } catch (error) {
        if (error instanceof DomainError) return;
        this.#logger.warn(`The close of ${connectionSid} is not recorded yet: ${String(error)}`);
        if (this.#stopping.signal.aborted) return;
        await backOff(RETRY, failures, this.#stopping.signal);
      }
    }
  }

  /** What is still to be recorded then, the next start of this node records. */
  stop(): void {
    this.#stopping.abort();
  }

  #follow({ event }: LogEvent): void {
    if (event.type !== 'ConnectionClosed') return;
    const { connectionSid, userSid } = event.data;
    const closedElsewhere = this.#held.get(connectionSid);
    if (closedElsewhere === undefined) return;
    this.#held.delete(connectionSid);
    void this.#reasonOfClose(userSid).then(closedElsewhere);
  }

  /** A User's deletion closes its Connections first, in the same append. */
  async #reasonOfClose(sid: string): Promise<Parameters<ClosedElsewhere>[0]> {
    try {
      const { state } = await this.#handlings.users.load(userStream(sid));
      return state.status === 'active' ? 'connection closed' : 'user deleted';
    } catch (error) {
      this.#logger.warn(`Why a Connection of ${sid} was closed is not known: ${String(error)}`);
      return 'connection closed';
    }
  }
}
