import type { FrameRate } from '../realtime/frame-rate.ts';
import type { RealtimeMetrics } from '../metrics/realtime-metrics.ts';
import type { Continuations } from './continuations.ts';
import type { FrameHandler } from './frame-handler.ts';
import type { OutboxContext } from './outbox.ts';
import type { SubscriptionContext } from './subscriptions.ts';

/** What the Twilsock clients of a process share. */
export interface TwilsockContext {
  readonly frameRate: FrameRate;
  readonly handler: FrameHandler;
  readonly outboxes: OutboxContext;
  readonly subscriptions: SubscriptionContext;
  readonly continuations: Continuations;
  readonly metrics: Pick<RealtimeMetrics, 'framesIn' | 'refused' | 'slowCloses'>;
}
