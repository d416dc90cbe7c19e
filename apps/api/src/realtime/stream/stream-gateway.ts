import { Injectable } from '@nestjs/common';
import { toDeviceId } from '../../use-cases/connections/device-id.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway, UpgradeRequest } from '../sockets/gateway.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { isVersion } from './client-frames.ts';
import type { AuthFrame } from './auth-frame.ts';
import { AuthWait } from './auth-wait.ts';
import { AUTH_REJECTIONS, type Rejection } from './rejections.ts';
import { errorFrame } from './server-frames.ts';
import { StreamHandshake, type HandshakeRequest } from './stream-handshake.ts';

/** Accepts the sockets of `/stream`. `docs/protocol.md` describes its frames. */
@Injectable()
export class StreamGateway implements Gateway {
  readonly path = '/stream';
  readonly name = 'stream';

  constructor(
    sockets: SocketServer,
    private readonly handshake: StreamHandshake,
    private readonly metrics: RealtimeMetrics,
  ) {
    sockets.register(this);
  }

  accept(socket: GatewaySocket, request: UpgradeRequest): void {
    const asked = toHandshakeRequest(request);
    if (asked.token === null) this.#awaitAuth(socket, asked);
    else void this.#accept(socket, { ...asked, token: asked.token });
  }

  /** Takes the token and the resume point from the first frame: proxies write URLs to their logs. */
  #awaitAuth(socket: GatewaySocket, asked: Asked): void {
    const onAuth = (frame: AuthFrame): void => void this.#accept(socket, withAuth(asked, frame));
    new AuthWait(socket, onAuth, (reason) => this.#reject(socket, AUTH_REJECTIONS[reason]));
  }

  async #accept(socket: GatewaySocket, request: HandshakeRequest): Promise<void> {
    const rejected = await this.handshake.perform(socket, request);
    if (rejected !== null) this.#reject(socket, rejected);
  }

  /** Tells the client by a frame and a close code: a browser cannot read why an upgrade was rejected. */
  #reject(socket: GatewaySocket, { code, message, close, retryAfterSeconds }: Rejection): void {
    this.metrics.errors.inc({ gateway: this.name, code });
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(errorFrame(undefined, code, message, { retryAfterSeconds })));
    socket.closeWith(close, message);
  }
}

/** What the URL and the headers ask for. The token may follow in the first frame. */
type Asked = Omit<HandshakeRequest, 'token'> & { readonly token: string | null };

function toHandshakeRequest({ url, headers }: UpgradeRequest): Asked {
  const { searchParams } = url;
  const since = searchParams.get('since');
  return {
    token: searchParams.get('token') ?? bearer(headers.authorization),
    deviceId: toDeviceId(searchParams.get('device_id')),
    resume: searchParams.get('resume'),
    since: isVersion(since) ? since : null,
  };
}

/** What the frame leaves out, the URL may have. */
function withAuth(asked: Asked, frame: AuthFrame): HandshakeRequest {
  const { token, device_id: deviceId, resume = asked.resume, since = asked.since } = frame;
  return {
    token,
    deviceId: deviceId === undefined ? asked.deviceId : toDeviceId(deviceId),
    resume,
    since: isVersion(since) ? since : null,
  };
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
