import type { Counter } from 'prom-client';
import type { ClientContext } from '../sessions/client-connection.ts';
import type { Continuations } from './continuations.ts';
import type { SubscriptionContext } from './subscriptions.ts';
import type { TwilsockHandshake } from './twilsock-handshake.ts';
import type { TwilsockRequests } from './twilsock-requests.ts';

/** What the Twilsock clients of a process share. */
export interface TwilsockContext extends ClientContext {
  readonly handshake: TwilsockHandshake;
  readonly requests: TwilsockRequests;
  readonly subscriptions: SubscriptionContext;
  readonly continuations: Continuations;
  readonly coalesced: Counter;
}
