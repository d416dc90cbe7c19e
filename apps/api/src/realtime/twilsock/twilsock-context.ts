import { Inject, Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Settings } from '#shared/settings/settings';
import type { Tracing } from '#shared/tracing/tracing';
import type { ClientContext } from '../sessions/client-connection.ts';
import { LookupBudget } from '../sessions/lookup-budget.ts';
import { WatchQuota } from '../sessions/watch-quota.ts';
import { TRACING } from '../../platform/injection-tokens.ts';
import { RateLimiter } from '../../platform/rate-limiter.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { SlowReaders } from '../sockets/slow-readers.ts';
import { ChangePublisher } from '../watching/change-publisher.ts';
import { Continuations } from './continuations.ts';
import { EventIds } from './subscriptions/event-ids.ts';
import { ProfileFeed } from './subscriptions/profile-feed.ts';
import { Profiles } from './subscriptions/profiles.ts';
import type { SubscriptionContext } from './subscriptions/subscriptions.ts';
import { SyncNotifications } from './subscriptions/sync-notifications.ts';
import { TwilsockHandshake } from './twilsock-handshake.ts';
import { TwilsockRequests } from './twilsock-requests.ts';

/**
 * Frames that an SDK sends for each one of a client of `/stream`. To watch a User, an SDK requests the User, its map
 * and a subscription, with telemetry in between; and many applications watch a hundred Users at once.
 */
const FRAMES_FOR_ONE = 5;

/** Shared by all Twilsock clients of a process. */
@Injectable()
export class TwilsockContext implements ClientContext {
  readonly gateway = 'twilsock';
  readonly frameRate: RateLimiter;
  readonly subscriptions: SubscriptionContext;
  readonly coalesced: Counter;

  constructor(
    { WATCHED_USERS: max, FRAMES_PER_SECOND, FRAME_BURST }: Settings,
    readonly metrics: RealtimeMetrics,
    readonly slowReaders: SlowReaders,
    readonly handshake: TwilsockHandshake,
    readonly requests: TwilsockRequests,
    readonly continuations: Continuations,
    publisher: ChangePublisher,
    profiles: Profiles,
    profileFeed: ProfileFeed,
    notifications: SyncNotifications,
    eventIds: EventIds,
    quota: WatchQuota,
    lookups: LookupBudget,
    @Inject(TRACING) readonly tracing: Tracing | null,
  ) {
    this.frameRate = new RateLimiter(
      FRAMES_PER_SECOND * FRAMES_FOR_ONE,
      FRAME_BURST * FRAMES_FOR_ONE,
    );
    this.subscriptions = {
      publisher,
      profiles,
      profileFeed,
      notifications,
      eventIds,
      max,
      quota,
      lookups,
    };
    this.coalesced = metrics.coalesced;
  }
}
