import { Injectable } from '@nestjs/common';
import { userSid } from '#domain';
import { toDeviceId } from '../connections/device-id.ts';
import type { Session } from '../realtime/session.ts';
import { Sessions } from '../realtime/sessions.ts';
import { UserConnections } from '../realtime/user-connections.ts';
import type { AccessToken } from '../tokens/access-tokens.ts';
import { Continuations } from './continuations.ts';
import { GATEWAY } from './gateway-name.ts';
import { RefusedError, REFUSALS } from './replies.ts';
import type { Admitted, Speaker } from './speaker.ts';

/** Lets clients in: those that come back to the session that they had, and those that open one. */
@Injectable()
export class Opening {
  readonly #sessions: Sessions;
  readonly #users: UserConnections;
  readonly #continuations: Continuations;

  constructor(sessions: Sessions, users: UserConnections, continuations: Continuations) {
    this.#sessions = sessions;
    this.#users = users;
    this.#continuations = continuations;
  }

  /**
   * @throws RefusedError when its User has too many connections
   * @throws DomainError and NotServingError as {@link Sessions.open}
   */
  async open(
    client: Speaker,
    token: AccessToken,
    continuationToken: string | null,
  ): Promise<Admitted> {
    const endpointId = toDeviceId(token.endpointId);
    const session =
      this.#goneOn(client, token, continuationToken) ??
      (await this.#opened(client, token, endpointId));
    return {
      session,
      endpointId,
      subscriptions: client.subscriptionsOf(session),
      continuationToken: this.#continuations.issue(session.connectionSid, client),
    };
  }

  #goneOn(client: Speaker, token: AccessToken, continuationToken: string | null): Session | null {
    const held = continuationToken === null ? null : this.#continuations.find(continuationToken);
    if (held === null || continuationToken === null) return null;
    const session = this.#sessions.resume(token, held.connectionSid, client);
    if (session === null) return null;
    this.#continuations.revoke(continuationToken);
    held.client.superseded();
    return session;
  }

  async #opened(client: Speaker, token: AccessToken, endpointId: string | null): Promise<Session> {
    const user = userSid(token.serviceSid, token.identity);
    if (!this.#users.add(user)) throw new RefusedError(REFUSALS.tooMany);
    try {
      return await this.#sessions.open(token, GATEWAY, endpointId, client);
    } catch (error) {
      this.#users.remove(user);
      throw error;
    }
  }
}
