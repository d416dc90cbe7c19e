import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { EventStore } from '#event-store';
import { Settings } from '#shared/settings/settings';
import { toDeviceId } from '../../connections/device-id.ts';
import { EVENT_STORE } from '../../infrastructure/tokens.ts';
import { RealtimeMetrics } from '../../metrics/realtime-metrics.ts';
import { AccessTokens, type AccessToken } from '../../tokens/access-tokens.ts';
import { FrameRate } from '../frame-rate.ts';
import type { GatewaySocket } from '../gateway-socket.ts';
import type { Gateway, Handshake } from '../gateway.ts';
import { Sessions } from '../sessions.ts';
import { SlowReaders } from '../slow-readers.ts';
import { SocketServer } from '../socket-server.ts';
import { WatchHub } from '../watch-hub.ts';
import { isVersion, MOST_USERS_PER_FRAME } from './client-frames.ts';
import { FrameHandler } from './frame-handler.ts';
import { Opening } from './opening.ts';
import { SharedFrames } from './shared-frames.ts';
import { GATEWAY, type StreamContext } from './stream-context.ts';
import { turnAway } from './turn-away.ts';
import { Watching } from './watching.ts';

/** Takes the sockets of `/stream`: `docs/protocol.md` says what is spoken there. */
@Injectable()
export class StreamGateway implements Gateway {
  readonly path = '/stream';
  readonly name = GATEWAY;
  readonly #logger = new Logger(StreamGateway.name);
  readonly #tokens: AccessTokens;
  readonly #context: StreamContext;
  readonly #opening: Opening;

  constructor(
    @Inject(EVENT_STORE) { epoch }: EventStore,
    settings: Settings,
    sockets: SocketServer,
    tokens: AccessTokens,
    sessions: Sessions,
    hub: WatchHub,
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
    const watching = new Watching(hub, limits.watched_users);
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
    this.#opening = new Opening(this.#context, sessions);
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
      turnAway(this.#context, socket, error, this.#logger);
      return null;
    }
  }
}

function bearer(authorization: string | undefined): string | null {
  return /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
