import { Inject, Injectable, Logger } from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { EventStore } from '#event-store';
import { EVENT_STORE } from '../../infrastructure/tokens.ts';
import { AccessTokens, type AccessToken } from '../../tokens/access-tokens.ts';
import { TokenError } from '../../tokens/token-error.ts';
import { CLOSE } from '../close-codes.ts';
import { closeSocket } from '../close-socket.ts';
import type { Gateway, Handshake } from '../gateway.ts';
import type { GatewaySocket } from '../gateway-socket.ts';
import { Sessions } from '../sessions.ts';
import { SocketServer } from '../socket-server.ts';
import { WatchHub } from '../watch-hub.ts';
import type { ServerFrame } from './frames.ts';
import { StreamConnection, type StreamContext } from './stream-connection.ts';

/** Longest device id, in characters; what is longer is cut. */
const LONGEST_DEVICE_ID = 255;

/**
 * Takes WebSocket connections on `/stream`. Raw `ws` rather than Nest's gateways: the token is checked once, per
 * connection, and nothing stands between a frame and its handler.
 */
@Injectable()
export class StreamGateway implements Gateway {
  readonly path = '/stream';
  readonly name = 'stream';
  readonly #logger = new Logger(StreamGateway.name);
  readonly #tokens: AccessTokens;
  readonly #context: StreamContext;

  constructor(
    tokens: AccessTokens,
    sessions: Sessions,
    hub: WatchHub,
    sockets: SocketServer,
    @Inject(EVENT_STORE) { epoch }: EventStore,
  ) {
    this.#tokens = tokens;
    this.#context = { sessions, hub, epoch };
    sockets.register(this);
  }

  accept(socket: GatewaySocket, { url, headers }: Handshake): void {
    const token = url.searchParams.get('token') ?? bearer(headers.authorization);
    const deviceId = url.searchParams.get('device_id')?.slice(0, LONGEST_DEVICE_ID) ?? null;
    void this.#accept(socket, token, deviceId);
  }

  async #accept(socket: WebSocket, token: string | null, deviceId: string | null): Promise<void> {
    let accessToken: AccessToken;
    try {
      accessToken = await this.#tokens.verify(token ?? '');
    } catch (error) {
      this.#refuse(socket, error);
      return;
    }
    if (socket.readyState !== socket.OPEN) return;
    await new StreamConnection(this.#context, socket).serve(accessToken, deviceId);
  }

  /**
   * A browser cannot read why an upgrade was refused, so a bad token is refused with a frame and a close code.
   */
  #refuse(socket: WebSocket, error: unknown): void {
    const refusal = error instanceof TokenError ? error : null;
    if (refusal === null) this.#logger.error(`A token could not be checked: ${String(error)}`);
    const frame: ServerFrame = {
      type: 'error',
      code: refusal?.code ?? 'unavailable',
      message: refusal?.message ?? 'Try again later',
    };
    socket.send(JSON.stringify(frame));
    closeSocket(socket, refusal === null ? CLOSE.failed : CLOSE.token, frame.message);
  }
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
