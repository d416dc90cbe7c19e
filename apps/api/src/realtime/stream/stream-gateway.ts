import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebSocketServer, type WebSocket } from 'ws';
import type { EventStore } from '#event-store';
import { EVENT_STORE } from '../../infrastructure/tokens.ts';
import { AccessTokens, type AccessToken } from '../../tokens/access-tokens.ts';
import { TokenError } from '../../tokens/token-error.ts';
import { CLOSE } from '../close-codes.ts';
import { closeSocket, cutOffLater } from '../close-socket.ts';
import { Sessions } from '../sessions.ts';
import { WatchHub } from '../watch-hub.ts';
import type { ServerFrame } from './frames.ts';
import { StreamConnection, type StreamContext } from './stream-connection.ts';

const PATH = '/stream';
/** Most bytes of one message; a watch-list of 1,000 sids takes 38 KB. */
const MAX_PAYLOAD = 64 * 1024;
/** Longest device id, in characters; what is longer is cut. */
const LONGEST_DEVICE_ID = 255;

/**
 * Takes WebSocket connections on `/stream`. Raw `ws` rather than Nest's gateways: the token is checked once, per
 * connection, and nothing stands between a frame and its handler.
 */
@Injectable()
export class StreamGateway {
  readonly #logger = new Logger(StreamGateway.name);
  readonly #tokens: AccessTokens;
  readonly #context: StreamContext;
  readonly #open = new Map<StreamConnection, Promise<void>>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
  });
  #accepting = true;

  constructor(
    tokens: AccessTokens,
    sessions: Sessions,
    hub: WatchHub,
    @Inject(EVENT_STORE) { epoch }: EventStore,
  ) {
    this.#tokens = tokens;
    this.#context = { sessions, hub, epoch };
  }

  /** Takes upgrades of an HTTP server from now on. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const url = URL.parse(request.url ?? '/', 'http://localhost');
      if (url?.pathname !== PATH || !this.#accepting) {
        refuseUpgrade(socket, this.#accepting ? '404 Not Found' : '503 Service Unavailable');
        return;
      }
      const token = url.searchParams.get('token') ?? bearer(request.headers.authorization);
      const deviceId = url.searchParams.get('device_id')?.slice(0, LONGEST_DEVICE_ID) ?? null;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        void this.#accept(webSocket, token, deviceId);
      });
    });
  }

  /** Takes no more connections, and settles when the sockets of all that it has are closed. */
  async stop(): Promise<void> {
    this.#accepting = false;
    for (const connection of this.#open.keys()) connection.move();
    await Promise.all(this.#open.values());
  }

  async #accept(socket: WebSocket, token: string | null, deviceId: string | null): Promise<void> {
    socket.pause();
    socket.on('error', () => cutOffLater(socket));
    let accessToken: AccessToken;
    try {
      accessToken = await this.#tokens.verify(token ?? '');
    } catch (error) {
      this.#refuse(socket, error);
      return;
    }
    if (!this.#accepting) closeSocket(socket, CLOSE.restart, 'server stops');
    if (socket.readyState !== socket.OPEN) return;
    const connection = new StreamConnection(this.#context, socket);
    const served = connection.serve(accessToken, deviceId).finally(() => {
      this.#open.delete(connection);
    });
    this.#open.set(connection, served);
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

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  // The server leaves upgraded sockets alone: one whose client never closes its end would stay open for good.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
