import { Injectable, Logger } from '@nestjs/common';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { StoreMonitor } from '../../platform/health/store-monitor.ts';
import type { Session } from '../sessions/session.ts';
import { Sessions } from '../sessions/sessions.ts';
import { FrameError, readPayload, type Frame } from './frame.ts';
import type { ClientMessage } from './messages.ts';
import { REJECTIONS, rejectionOf } from './rejections.ts';
import { okReply, rejectionReply, tunnelReply } from './replies.ts';
import type { TunnelCaller } from './tunnel/tunnel-caller.ts';
import { toTunnelRequest } from './tunnel/tunnel-request.ts';
import { Tunnel } from './tunnel/tunnel.ts';

/** A reply frame, and the error in it. */
export interface Reply {
  readonly frame: Buffer;
  /** Twilio's error code, or the HTTP status of a tunnelled answer; null for success. */
  readonly errorCode: number | null;
}

/** Answers messages of clients that have a session. Never rejects a promise: failures are answers. */
@Injectable()
export class TwilsockRequests {
  readonly #logger = new Logger(TwilsockRequests.name);

  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: Sessions,
    private readonly tunnel: Tunnel,
    private readonly monitor: StoreMonitor,
  ) {}

  /** Renews the session with another token of the same User. */
  async update(
    session: Session | null,
    { id, token }: Extract<ClientMessage, { method: 'update' }>,
  ): Promise<Reply> {
    const rejection = await this.#renew(session, token);
    if (rejection === null) return { frame: okReply(id), errorCode: null };
    return { frame: rejectionReply(id, rejection), errorCode: rejection.errorCode };
  }

  /** Answers an HTTP request that is tunnelled through the socket. */
  async message(
    caller: TunnelCaller,
    { id, request }: Extract<ClientMessage, { method: 'message' }>,
    frame: Frame,
  ): Promise<Reply> {
    const answer = await this.tunnel.answer(toTunnelRequest(request, bodyOf(frame)), caller);
    const errorCode = answer.status >= 400 ? answer.status : null;
    return { frame: tunnelReply(id, answer), errorCode };
  }

  async #renew(session: Session | null, token: string) {
    try {
      const accessToken = await this.tokens.verify(token);
      const isRenewed = session !== null && (await this.sessions.renew(session, accessToken));
      return isRenewed ? null : REJECTIONS.wrong_identity;
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!this.monitor.absorb(error, 'frames') && rejection === null) {
        this.#logger.error(new LogEntry(`Cannot renew a session: ${String(error)}`, { error }));
      }
      return rejection ?? REJECTIONS.unavailable;
    }
  }
}

/** Returns the body of a tunnelled request; undefined if it is not JSON: the resource then reports the missing fields. */
function bodyOf(frame: Frame): unknown {
  try {
    return readPayload(frame);
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
