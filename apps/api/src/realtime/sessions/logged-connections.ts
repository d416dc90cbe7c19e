import type { Logger } from '@nestjs/common';
import type { QueryBus } from '@nestjs/cqrs';
import { isTokenRevoked, type UserState } from '#domain';
import { EventStoreError } from '#event-store';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { TokenError } from '../../platform/access-tokens/token-error.ts';
import { GetUserState } from '../../use-cases/users/get-user-state.ts';
import type { DisconnectReason } from './session-client.ts';
import type { Session } from './session.ts';
import { logFailure } from '../../platform/log-failure.ts';

/** Compares sessions with the log, which is ahead of the log feed: a revocation counts as soon as it is recorded. */
export class LoggedConnections {
  readonly #queries: QueryBus;
  readonly #logger: Logger;

  constructor(queries: QueryBus, logger: Logger) {
    this.#queries = queries;
    this.#logger = logger;
  }

  /**
   * Whether a session's Connection is open, so that a client with this token of the same User can go on with it.
   *
   * @throws TokenError when the token was revoked
   * @throws EventStoreError when the store is unreachable
   */
  async isOpenFor(
    { userSid, connectionSid }: Session,
    { issuedAt }: AccessToken,
  ): Promise<boolean> {
    const state: UserState = await this.#queries.execute(new GetUserState(userSid));
    if (isTokenRevoked(state.tokensRevokedAt, issuedAt)) throw new TokenError('revoked');
    return state.status === 'active' && state.connections.some(({ sid }) => sid === connectionSid);
  }

  /**
   * As {@link isOpenFor}; but while the store is unreachable, a token that is not older than the session's own is good
   * enough: a session with a socket goes on as well then.
   *
   * @throws TokenError when the token was revoked
   */
  async canResume(session: Session, token: AccessToken): Promise<boolean> {
    try {
      return await this.isOpenFor(session, token);
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      logFailure(this.#logger, 'warn', `Cannot check that ${session.connectionSid} is open`, error);
      return (token.issuedAt ?? 0) >= (session.tokenIssuedAt ?? Infinity);
    }
  }

  /**
   * Returns why another process closed a session's Connection: deleting a User and revoking its tokens close
   * Connections.
   */
  async reasonOfClose(session: Session): Promise<DisconnectReason> {
    const { userSid, connectionSid, tokenIssuedAt } = session;
    try {
      const { status, tokensRevokedAt } = await this.#queries.execute(new GetUserState(userSid));
      if (status !== 'active') return 'user_deleted';
      return isTokenRevoked(tokensRevokedAt, tokenIssuedAt) ? 'token_revoked' : 'connection_closed';
    } catch (error) {
      logFailure(this.#logger, 'warn', `Cannot find out why ${connectionSid} was closed`, error);
      return 'connection_closed';
    }
  }
}
