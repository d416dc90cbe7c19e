import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { EventStore } from '#event-store';
import { Settings } from '#shared/settings/settings';
import { AccessTokens } from '../../platform/access-tokens/access-tokens.ts';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { toDeviceId } from '../../use-cases/connections/device-id.ts';
import { Sessions } from '../sessions/sessions.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway, UpgradeRequest } from '../sockets/gateway.ts';
import { RateLimiter } from '../../platform/rate-limiter.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { isVersion, MAX_USERS_PER_FRAME } from './client-frames.ts';
import { ClientRequests } from './client-requests.ts';
import { errorFrame } from './server-frames.ts';
import { SharedFrames } from './shared-frames.ts';
import {
  StreamHandshake,
  type HandshakeRequest,
  type RejectedHandshake,
} from './stream-handshake.ts';

/** Accepts the sockets of `/stream`. `docs/protocol.md` describes its frames. */
@Injectable()
export class StreamGateway implements Gateway {
  readonly path = '/stream';
  readonly name = 'stream';
  readonly #logger = new Logger(StreamGateway.name);
  readonly #handshake: StreamHandshake;

  constructor(
    @Inject(EVENT_STORE) { epoch }: EventStore,
    settings: Settings,
    sockets: SocketServer,
    tokens: AccessTokens,
    sessions: Sessions,
    publisher: ChangePublisher,
    slowReaders: SlowReaders,
    commands: CommandBus,
    private readonly metrics: RealtimeMetrics,
  ) {
    const context = {
      gateway: this.name,
      frameRate: new RateLimiter(settings.FRAMES_PER_SECOND, settings.FRAME_BURST),
      slowReaders,
      metrics,
      epoch,
      limits: {
        frame_bytes: settings.FRAME_BYTES,
        users_per_frame: MAX_USERS_PER_FRAME,
        watched_users: settings.WATCHED_USERS,
      },
      publisher,
      frames: new SharedFrames(),
      requests: new ClientRequests(publisher, commands, tokens),
      clients: new Map(),
      coalesced: metrics.coalesced,
    };
    this.#handshake = new StreamHandshake(context, tokens, sessions);
    sockets.register(this);
  }

  accept(socket: GatewaySocket, request: UpgradeRequest): void {
    void this.#accept(socket, toHandshakeRequest(request));
  }

  async #accept(socket: GatewaySocket, request: HandshakeRequest): Promise<void> {
    const rejected = await this.#handshake.perform(socket, request);
    if (rejected !== null) this.#reject(socket, rejected);
  }

  /** Tells the client by a frame and a close code: a browser cannot read why an upgrade was refused. */
  #reject(socket: GatewaySocket, { code, message, close, failure }: RejectedHandshake): void {
    if (failure !== null) this.#logger.error(`Cannot open a Connection: ${failure}`);
    this.metrics.refused.inc({ gateway: this.name, code });
    if (socket.readyState !== socket.OPEN) return;
    socket.send(JSON.stringify(errorFrame(undefined, code, message)));
    socket.closeWith(close, message);
  }
}

function toHandshakeRequest({ url, headers }: UpgradeRequest): HandshakeRequest {
  const { searchParams } = url;
  const since = searchParams.get('since');
  return {
    token: searchParams.get('token') ?? bearer(headers.authorization) ?? '',
    deviceId: toDeviceId(searchParams.get('device_id')),
    resume: searchParams.get('resume'),
    since: isVersion(since) ? since : null,
  };
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
