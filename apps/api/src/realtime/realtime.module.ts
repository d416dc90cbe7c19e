import { Module } from '@nestjs/common';
import { RealtimeMetrics } from './sockets/realtime-metrics.ts';
import { ClusterModule } from '../cluster/cluster.module.ts';
import { ApiKeyFollower } from './sessions/api-key-follower.ts';
import { Drain } from './sessions/drain.ts';
import { Fencing } from './sessions/fencing.ts';
import { ClockLeads } from './watching/clock-leads.ts';
import { LiveStates } from './watching/live-states.ts';
import { LogFeed } from './watching/log-feed.ts';
import { PublishedEvents } from './watching/published-events.ts';
import { RealtimeLifecycle } from './sessions/realtime-lifecycle.ts';
import { SessionMetrics } from './sessions/session-metrics.ts';
import { Sessions } from './sessions/sessions.ts';
import { LookupBudget } from './sessions/lookup-budget.ts';
import { WatchQuota } from './sessions/watch-quota.ts';
import { WriteBudget } from './sessions/write-budget.ts';
import { HandshakeBudget } from './sockets/handshake-budget.ts';
import { SlowReaders } from './sockets/slow-readers.ts';
import { SocketServer } from './sockets/socket-server.ts';
import { TimingWheel } from './sessions/timing-wheel.ts';
import { ChangePublisher } from './watching/change-publisher.ts';
import { RestoredLogDetector } from './watching/restored-log-detector.ts';

/** Sockets, sessions and watchers, for every protocol. */
@Module({
  imports: [ClusterModule],
  providers: [
    RealtimeMetrics,
    HandshakeBudget,
    SocketServer,
    LogFeed,
    ClockLeads,
    PublishedEvents,
    LiveStates,
    ChangePublisher,
    SlowReaders,
    TimingWheel,
    SessionMetrics,
    Sessions,
    ApiKeyFollower,
    WriteBudget,
    LookupBudget,
    WatchQuota,
    Fencing,
    Drain,
    RealtimeLifecycle,
    RestoredLogDetector,
  ],
  exports: [
    RealtimeMetrics,
    HandshakeBudget,
    SocketServer,
    LogFeed,
    ChangePublisher,
    SlowReaders,
    Sessions,
    WriteBudget,
    LookupBudget,
    WatchQuota,
  ],
})
export class RealtimeModule {}
