import type { Client } from '../sessions/client.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import type { ClientMessage } from './messages.ts';
import type { Refusal } from './replies.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What a client is once it was let in. */
export interface Admitted {
  readonly session: SessionHandle;
  readonly subscriptions: Subscriptions;
  /** What its token calls the device; null where it says nothing. */
  readonly endpointId: string | null;
  readonly continuationToken: string;
}

/** A client, as those see it who read and do what it says. */
export interface Speaker extends Client {
  /** Null until it is let in. */
  readonly admitted: Admitted | null;
  /** Whether it has yet to read what waits for it. */
  readonly isBlocked: boolean;
  subscriptionsOf(session: SessionHandle): Subscriptions;
  /** Its session is open; that may be over by now, or its socket. */
  begin(admitted: Admitted, init: Extract<ClientMessage, { method: 'init' }>): void;
  /** Does not let it in, and says why. */
  refuse(id: string, refusal: Refusal): void;
  /** Ends a client that does not keep to the protocol. */
  turnAway(reason: 'bad frame' | 'says nothing' | 'too many requests'): void;
  /** Counts a refusal that the client is told. */
  counted(refusal: Refusal): Refusal;
  /** Answers a tunnelled request. */
  answer(frame: Buffer, status: number): void;
  say(frame: Buffer): void;
  /** It has replied to a frame of ours; false when there was none to reply to. */
  replied(): boolean;
  /** Another socket goes on with the session of this one. */
  superseded(): void;
  /** It goes for good. */
  bye(): void;
}
