import type { Settings } from '#shared/settings/settings';
import type { RealtimeMetrics } from '../metrics/realtime-metrics.ts';
import type { Sessions } from '../realtime/sessions.ts';
import type { AccessTokens } from '../tokens/access-tokens.ts';
import type { Continuations } from './continuations.ts';
import type { SubscriptionContext } from './subscriptions.ts';
import type { Tunnel } from './tunnel/tunnel.ts';

/** What the Twilsock clients of a process share. */
export interface TwilsockContext {
  readonly settings: Pick<Settings, 'FRAMES_PER_SECOND' | 'FRAME_BURST'>;
  readonly metrics: RealtimeMetrics;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly continuations: Continuations;
  readonly subscriptions: SubscriptionContext;
  readonly tunnel: Tunnel;
}

/** Name of the gateway, for metrics. */
export const GATEWAY = 'twilsock';
