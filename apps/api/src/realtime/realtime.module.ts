import { Module } from '@nestjs/common';
import { HealthModule } from '../health/health.module.ts';
import { RealtimeMetrics } from '../metrics/realtime-metrics.ts';
import { NodesModule } from '../nodes/nodes.module.ts';
import { TokensModule } from '../tokens/tokens.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { Drain } from './drain.ts';
import { Fencing } from './fencing.ts';
import { LogFeed } from './log-feed.ts';
import { RealtimeLifecycle } from './realtime-lifecycle.ts';
import { SessionMetrics } from './session-metrics.ts';
import { Sessions } from './sessions.ts';
import { SlowReaders } from './slow-readers.ts';
import { SocketServer } from './socket-server.ts';
import { StreamGateway } from './stream/stream-gateway.ts';
import { TimingWheel } from './timing-wheel.ts';
import { UserConnections } from './user-connections.ts';
import { WatchHub } from './watch-hub.ts';

/** Sockets: who holds them, who watches whom, and the protocol of `/stream`. */
@Module({
  imports: [HealthModule, NodesModule, TokensModule, UsersModule],
  providers: [
    RealtimeMetrics,
    SocketServer,
    LogFeed,
    WatchHub,
    UserConnections,
    SlowReaders,
    TimingWheel,
    SessionMetrics,
    Sessions,
    Fencing,
    Drain,
    StreamGateway,
    RealtimeLifecycle,
  ],
  exports: [RealtimeMetrics, SocketServer, LogFeed, WatchHub, SlowReaders, Sessions],
})
export class RealtimeModule {}
