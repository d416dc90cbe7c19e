import { Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway } from '../sockets/gateway.ts';
import { RateLimiter } from '../../platform/rate-limiter.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { Continuations } from './continuations.ts';
import { ProfileFeed } from './profile-feed.ts';
import { Profiles } from './profiles.ts';
import { SyncNotifications } from './sync-notifications.ts';
import { TwilsockClient } from './twilsock-client.ts';
import type { TwilsockContext } from './twilsock-context.ts';
import { TwilsockHandshake } from './twilsock-handshake.ts';
import { TwilsockRequests } from './twilsock-requests.ts';

/**
 * Frames that an SDK sends where a client of `/stream` sends one. To watch a User, an SDK requests the User, its map
 * and a subscription, with telemetry in between; and many applications watch a hundred Users at once.
 */
const FRAMES_FOR_ONE = 5;

/** Accepts the sockets of Twilio's chat SDKs. Their first frame has what other protocols have in the upgrade request. */
@Injectable()
export class TwilsockGateway implements Gateway {
  readonly path = '/v3/wsconnect';
  readonly name = 'twilsock';
  readonly #context: TwilsockContext;

  constructor(
    settings: Settings,
    sockets: SocketServer,
    metrics: RealtimeMetrics,
    slowReaders: SlowReaders,
    publisher: ChangePublisher,
    handshake: TwilsockHandshake,
    requests: TwilsockRequests,
    continuations: Continuations,
    profiles: Profiles,
    profileFeed: ProfileFeed,
    notifications: SyncNotifications,
  ) {
    const { WATCHED_USERS: max, FRAMES_PER_SECOND, FRAME_BURST } = settings;
    this.#context = {
      gateway: this.name,
      frameRate: new RateLimiter(FRAMES_PER_SECOND * FRAMES_FOR_ONE, FRAME_BURST * FRAMES_FOR_ONE),
      slowReaders,
      metrics,
      handshake,
      requests,
      subscriptions: { publisher, profiles, profileFeed, notifications, max },
      continuations,
      coalesced: metrics.coalesced,
    };
    sockets.register(this);
  }

  accept(socket: GatewaySocket): void {
    new TwilsockClient(this.#context, socket);
  }
}
