import { Module } from '@nestjs/common';
import { OwnIncarnation } from '../nodes/own-incarnation.ts';
import { TokensModule } from '../tokens/tokens.module.ts';
import { UsersModule } from '../users/users.module.ts';
import { LogFeed } from './log-feed.ts';
import { RealtimeLifecycle } from './realtime-lifecycle.ts';
import { Sessions } from './sessions.ts';
import { StreamGateway } from './stream/stream-gateway.ts';
import { TimingWheel } from './timing-wheel.ts';
import { WatchHub } from './watch-hub.ts';

/** Sockets: who holds them, who watches whom, and the protocol of `/stream`. */
@Module({
  imports: [TokensModule, UsersModule],
  providers: [
    OwnIncarnation,
    LogFeed,
    WatchHub,
    TimingWheel,
    Sessions,
    StreamGateway,
    RealtimeLifecycle,
  ],
})
export class RealtimeModule {}
