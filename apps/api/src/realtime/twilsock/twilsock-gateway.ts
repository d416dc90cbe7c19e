import { Injectable } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { FrameRate } from '../sockets/frame-rate.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { Gateway } from '../sockets/gateway.ts';
import { SocketServer } from '../sockets/socket-server.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { Continuations } from './continuations.ts';
import { FrameHandler } from './frame-handler.ts';
import { GATEWAY } from './gateway-name.ts';
import { ProfileFeed } from './profile-feed.ts';
import { Profiles } from './profiles.ts';
import { SyncNotifications } from './sync-notifications.ts';
import { TwilsockClient } from './twilsock-client.ts';
import type { TwilsockContext } from './twilsock-context.ts';

/**
 * How many frames an SDK takes for what takes one on `/stream`: to watch a User it asks for the User, for its map
 * and for a subscription, with telemetry in between, and many applications watch a hundred at once.
 */
const FRAMES_FOR_ONE = 5;

/** Where Twilio's chat SDKs connect to. They bring nothing in the handshake: the first frame says who it is. */
@Injectable()
export class TwilsockGateway implements Gateway {
  readonly path = '/v3/wsconnect';
  readonly name = GATEWAY;
  readonly #context: TwilsockContext;

  constructor(
    settings: Settings,
    sockets: SocketServer,
    metrics: RealtimeMetrics,
    slowReaders: SlowReaders,
    hub: ChangePublisher,
    handler: FrameHandler,
    continuations: Continuations,
    profiles: Profiles,
    profileFeed: ProfileFeed,
    notifications: SyncNotifications,
  ) {
    const { WATCHED_USERS: most, FRAMES_PER_SECOND, FRAME_BURST } = settings;
    this.#context = {
      frameRate: new FrameRate(FRAMES_PER_SECOND * FRAMES_FOR_ONE, FRAME_BURST * FRAMES_FOR_ONE),
      handler,
      outboxes: { slowReaders, coalesced: metrics.coalesced },
      subscriptions: { hub, profiles, profileFeed, notifications, most },
      continuations,
      metrics,
    };
    sockets.register(this);
  }

  accept(socket: GatewaySocket): void {
    new TwilsockClient(this.#context, socket);
  }
}
