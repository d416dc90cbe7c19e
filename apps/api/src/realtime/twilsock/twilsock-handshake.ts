import { Injectable, Logger } from '@nestjs/common';
import { AccessTokens, type AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { StoreMonitor } from '../../platform/health/store-monitor.ts';
import { toDeviceId } from '../../use-cases/connections/device-id.ts';
import type { SessionClient } from '../sessions/session-client.ts';
import type { Session } from '../sessions/session.ts';
import { Sessions } from '../sessions/sessions.ts';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { HandshakeBudget } from '../sockets/handshake-budget.ts';
import { Continuations, type Resumable } from './continuations.ts';
import type { ClientMessage } from './messages.ts';
import { REJECTIONS, rejectionOf, type Rejection } from './rejections.ts';
import { SdkAdmission } from './sdk-admission.ts';

/** An open session, and its data for the client. */
export interface AcceptedSession {
  readonly session: Session;
  /** Device id in the token; null if it has none. */
  readonly endpointId: string | null;
  /** With it, the client can resume the session on another socket. */
  readonly continuationToken: string;
}

/**
 * Lets clients in: verifies the token of the `init` message, then resumes or opens a session. Unlike on `/stream`, each
 * socket has a client object of its own: `Continuations` finds the one from which the new client takes the session.
 */
@Injectable()
export class TwilsockHandshake {
  readonly #logger = new Logger(TwilsockHandshake.name);

  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: Sessions,
    private readonly continuations: Continuations,
    private readonly handshakes: HandshakeBudget,
    private readonly sdks: SdkAdmission,
    private readonly monitor: StoreMonitor,
  ) {}

  /** Returns the client's session, or why it is rejected. Never rejects its promise. */
  async perform(
    client: SessionClient & Resumable,
    init: Extract<ClientMessage, { method: 'init' }>,
  ): Promise<AcceptedSession | Rejection> {
    const unsupported = this.sdks.check(init.sdk);
    if (unsupported !== null) return unsupported;
    try {
      const token = await this.tokens.verify(init.token);
      this.handshakes.chargeVerified();
      const endpointId = toDeviceId(token.endpointId);
      const session =
        (await this.#tryResume(client, token, init.continuationToken)) ??
        (await this.sessions.open(token, 'twilsock', endpointId, client));
      const continuationToken = this.continuations.issue(session.connectionSid, client);
      return { session, endpointId, continuationToken };
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!this.monitor.absorb(error, 'handshakes') && rejection === null) {
        this.#logger.error(new LogEntry(`Cannot open a Connection: ${String(error)}`, { error }));
      }
      return rejection ?? REJECTIONS.unavailable;
    }
  }

  /** Takes the session over from the client that holds it; null if it cannot be resumed. */
  async #tryResume(
    client: SessionClient,
    token: AccessToken,
    continuationToken: string | null,
  ): Promise<Session | null> {
    if (continuationToken === null) return null;
    const before = this.continuations.find(continuationToken);
    if (before === null || !(await this.sessions.canResume(token, before.connectionSid)))
      return null;
    // Another client may have used the token meanwhile.
    const found = this.continuations.find(continuationToken);
    if (found === null) return null;
    const session = this.sessions.tryResume(token, found.connectionSid, client);
    if (session === null) return null;
    this.continuations.revoke(continuationToken);
    found.client.onTakenOver();
    return session;
  }
}
