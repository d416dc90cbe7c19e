import { Injectable } from '@nestjs/common';
import { toDeviceId } from '../../use-cases/connections/device-id.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import { Sessions } from '../sessions/sessions.ts';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { Continuations } from './continuations.ts';
import { GATEWAY } from './gateway-name.ts';
import type { Admitted, Speaker } from './speaker.ts';

/** Lets clients in: those that come back to the session that they had, and those that open one. */
@Injectable()
export class TwilsockHandshake {
  readonly #sessions: Sessions;
  readonly #continuations: Continuations;

  constructor(sessions: Sessions, continuations: Continuations) {
    this.#sessions = sessions;
    this.#continuations = continuations;
  }

  /** @throws TooManyConnectionsError, DomainError and NotServingError as {@link Sessions.open} */
  async open(
    client: Speaker,
    token: AccessToken,
    continuationToken: string | null,
  ): Promise<Admitted> {
    const endpointId = toDeviceId(token.endpointId);
    const session =
      this.#goneOn(client, token, continuationToken) ??
      (await this.#sessions.open(token, GATEWAY, endpointId, client));
    return {
      session,
      endpointId,
      subscriptions: client.subscriptionsOf(session),
      continuationToken: this.#continuations.issue(session.connectionSid, client),
    };
  }

  #goneOn(
    client: Speaker,
    token: AccessToken,
    continuationToken: string | null,
  ): SessionHandle | null {
    const held = continuationToken === null ? null : this.#continuations.find(continuationToken);
    if (held === null || continuationToken === null) return null;
    const session = this.#sessions.resume(token, held.connectionSid, client);
    if (session === null) return null;
    this.#continuations.revoke(continuationToken);
    held.client.superseded();
    return session;
  }
}
