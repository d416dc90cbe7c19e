import { Inject, Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import type { EventStore } from '#event-store';
import { Settings } from '#shared/settings/settings';
import type { Tracing } from '#shared/tracing/tracing';
import { EVENT_STORE, TRACING } from '../../platform/injection-tokens.ts';
import { StoreMonitor } from '../../platform/health/store-monitor.ts';
import type { ClientContext } from '../sessions/client-connection.ts';
import { LookupBudget } from '../sessions/lookup-budget.ts';
import { WatchQuota } from '../sessions/watch-quota.ts';
import { RateLimiter } from '../../platform/rate-limiter.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { MAX_USERS_PER_FRAME } from './client-frames.ts';
import type { Limits } from './server-frames.ts';
import { SharedFrames } from './shared-frames.ts';
import type { StreamClient } from './stream-client.ts';
import { StreamRequests } from './stream-requests.ts';

/** Shared by all clients of `/stream`. */
@Injectable()
export class StreamContext implements ClientContext {
  readonly gateway = 'stream';
  readonly epoch: string;
  readonly limits: Limits;
  readonly frameRate: RateLimiter;
  readonly frames = new SharedFrames();
  /** By sid of the Connection, for clients that resume it. */
  readonly clients = new Map<string, StreamClient>();
  readonly coalesced: Counter;

  constructor(
    @Inject(EVENT_STORE) { epoch }: EventStore,
    settings: Settings,
    readonly metrics: RealtimeMetrics,
    readonly slowReaders: SlowReaders,
    readonly publisher: ChangePublisher,
    readonly requests: StreamRequests,
    readonly quota: WatchQuota,
    readonly lookups: LookupBudget,
    readonly monitor: StoreMonitor,
    @Inject(TRACING) readonly tracing: Tracing | null,
  ) {
    this.epoch = epoch;
    this.limits = {
      frame_bytes: settings.FRAME_BYTES,
      users_per_frame: MAX_USERS_PER_FRAME,
      watched_users: settings.WATCHED_USERS,
    };
    this.frameRate = new RateLimiter(settings.FRAMES_PER_SECOND, settings.FRAME_BURST);
    this.coalesced = metrics.coalesced;
  }
}
