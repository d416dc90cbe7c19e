import type { SessionHandle } from '../../sessions/session-handle.ts';
import type { Subscriptions } from '../subscriptions.ts';

/** The client that a tunnelled request comes from. Everything that it reaches is of its token's Service. */
export interface Caller {
  readonly session: Pick<
    SessionHandle,
    'connectionSid' | 'userSid' | 'serviceSid' | 'identity' | 'position'
  >;
  /** What its token calls the device; null where it says nothing. */
  readonly endpointId: string | null;
  readonly subscriptions: Pick<Subscriptions, 'establish' | 'cancel'>;
}
