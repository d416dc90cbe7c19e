import type { FrameRate } from '../sockets/frame-rate.ts';
import type { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import type { Continuations } from './continuations.ts';
import type { FrameHandler } from './frame-handler.ts';
import type { OutboundQueueContext } from './outbound-queue.ts';
import type { SubscriptionContext } from './subscriptions.ts';

/** What the Twilsock clients of a process share. */
export interface TwilsockContext {
  readonly frameRate: FrameRate;
  readonly handler: FrameHandler;
  readonly outboxes: OutboundQueueContext;
  readonly subscriptions: SubscriptionContext;
  readonly continuations: Continuations;
  readonly metrics: Pick<RealtimeMetrics, 'framesIn' | 'refused' | 'slowCloses'>;
}
