import type { Session } from '../../realtime/session.ts';
import type { Subscriptions } from '../subscriptions.ts';

/** The client that a tunnelled request comes from. Everything that it reaches is of its token's Service. */
export interface Caller {
  readonly session: Pick<
    Session,
    'connectionSid' | 'userSid' | 'serviceSid' | 'identity' | 'position'
  >;
  /** What its token calls the device; null where it says nothing. */
  readonly endpointId: string | null;
  readonly subscriptions: Pick<Subscriptions, 'establish' | 'cancel'>;
}
