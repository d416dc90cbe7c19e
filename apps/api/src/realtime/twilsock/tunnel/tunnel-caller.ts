import type { Session } from '../../sessions/session.ts';
import type { SessionList } from '../subscriptions/session-list.ts';
import type { Subscriptions } from '../subscriptions/subscriptions.ts';

/** The client that sends a tunnelled request. It reaches nothing outside its token's Service. */
export interface TunnelCaller {
  readonly session: Pick<
    Session,
    'connectionSid' | 'userSid' | 'serviceSid' | 'identity' | 'position' | 'mayWatch'
  >;
  /** Device id in its token; null if it has none. */
  readonly endpointId: string | null;
  readonly subscriptions: Pick<
    Subscriptions,
    'useProtocol' | 'establish' | 'cancel' | 'serviceReachability'
  >;
  readonly sessionList: Pick<SessionList, 'sid' | 'context' | 'json' | 'completeCommand'>;
}
