import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { EventStore } from '#event-store';
import { Settings } from '#shared/settings/settings';
import { toDeviceId } from '../../use-cases/connections/device-id.ts';
import { EVENT_STORE } from '../../platform/injection-tokens.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { AccessTokens, type AccessToken } from '../../platform/access-tokens/access-tokens.ts';
import { FrameRate } from '../sockets/frame-rate.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway, Handshake } from '../sockets/gateway.ts';
import { Sessions } from '../sessions/sessions.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { isVersion, MOST_USERS_PER_FRAME } from './client-frames.ts';
import { FrameHandler } from './frame-handler.ts';
import { StreamHandshake } from './stream-handshake.ts';
import { SharedFrames } from './shared-frames.ts';
import { GATEWAY, type StreamContext } from './stream-context.ts';
import { rejectHandshake } from './reject-handshake.ts';
import { WatchRequests } from './watch-requests.ts';

/** Takes the sockets of `/stream`: `docs/protocol.md` says what is spoken there. */
@Injectable()
export class StreamGateway implements Gateway {
  readonly path = '/stream';
  readonly name = GATEWAY;
  readonly #logger = new Logger(StreamGateway.name);
  readonly #tokens: AccessTokens;
  readonly #context: StreamContext;
  readonly #opening: StreamHandshake;

  constructor(
    @Inject(EVENT_STORE) { epoch }: EventStore,
    settings: Settings,
    sockets: SocketServer,
    tokens: AccessTokens,
    sessions: Sessions,
    hub: ChangePublisher,
    slowReaders: SlowReaders,
    commands: CommandBus,
    metrics: RealtimeMetrics,
  ) {
    this.#tokens = tokens;
    const limits = {
      frame_bytes: settings.FRAME_BYTES,
      users_per_frame: MOST_USERS_PER_FRAME,
      watched_users: settings.WATCHED_USERS,
    };
    const watching = new WatchRequests(hub, limits.watched_users);
    const frames = new SharedFrames();
    const { coalesced, framesIn, refused, slowCloses } = metrics;
    this.#context = {
      epoch,
      limits,
      hub,
      outboxes: { hub, frames, slowReaders, coalesced },
      frameRate: new FrameRate(settings.FRAMES_PER_SECOND, settings.FRAME_BURST),
      handler: new FrameHandler(hub, commands, tokens, watching),
      clients: new Map(),
      framesIn,
      refused,
      slowCloses,
    };
    this.#opening = new StreamHandshake(this.#context, sessions);
    sockets.register(this);
  }

  accept(socket: GatewaySocket, { url, headers }: Handshake): void {
    const { searchParams } = url;
    const token = searchParams.get('token') ?? bearer(headers.authorization) ?? '';
    const since = searchParams.get('since');
    const asked = {
      deviceId: toDeviceId(searchParams.get('device_id')),
      resume: searchParams.get('resume'),
      since: isVersion(since) ? since : null,
    };
    void this.#verified(socket, token).then((accessToken) =>
      accessToken === null ? undefined : this.#opening.open(socket, accessToken, asked),
    );
  }

  /**
   * Whom a token names; null where it is refused. A browser cannot read why an upgrade was refused, so that is said
   * by a frame and a close code.
   */
  async #verified(socket: GatewaySocket, token: string): Promise<AccessToken | null> {
    try {
      return await this.#tokens.verify(token);
    } catch (error) {
      rejectHandshake(this.#context, socket, error, this.#logger);
      return null;
    }
  }
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
