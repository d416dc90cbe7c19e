import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Settings } from '#shared/settings/settings';
import { RealtimeMetrics } from '../metrics/realtime-metrics.ts';
import type { GatewaySocket } from '../realtime/gateway-socket.ts';
import type { Gateway } from '../realtime/gateway.ts';
import { Sessions } from '../realtime/sessions.ts';
import { SocketServer } from '../realtime/socket-server.ts';
import { WatchHub } from '../realtime/watch-hub.ts';
import { AccessTokens } from '../tokens/access-tokens.ts';
import { Continuations } from './continuations.ts';
import { ProfileFeed } from './profile-feed.ts';
import { Profiles } from './profiles.ts';
import { SyncNotifications } from './sync-notifications.ts';
import { GATEWAY, type TwilsockContext } from './twilsock-context.ts';
import { TwilsockSocket } from './twilsock-socket.ts';
import { Tunnel } from './tunnel/tunnel.ts';

/** Where Twilio's chat SDKs connect to. They bring nothing in the handshake: the first frame says who it is. */
@Injectable()
export class TwilsockGateway implements Gateway, OnModuleInit {
  readonly path = '/v3/wsconnect';
  readonly name = GATEWAY;
  readonly #server: SocketServer;
  readonly #context: TwilsockContext;

  constructor(
    settings: Settings,
    server: SocketServer,
    metrics: RealtimeMetrics,
    tokens: AccessTokens,
    sessions: Sessions,
    hub: WatchHub,
    continuations: Continuations,
    profiles: Profiles,
    profileFeed: ProfileFeed,
    notifications: SyncNotifications,
    tunnel: Tunnel,
  ) {
    this.#server = server;
    const most = settings.WATCHED_USERS;
    const subscriptions = { hub, profiles, profileFeed, notifications, most };
    this.#context = { settings, metrics, tokens, sessions, continuations, subscriptions, tunnel };
  }

  onModuleInit(): void {
    this.#server.register(this);
  }

  accept(socket: GatewaySocket): void {
    new TwilsockSocket(this.#context, socket);
  }
}
