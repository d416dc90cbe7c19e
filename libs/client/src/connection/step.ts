import type { ReachabilityError } from '../errors.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import type { ConnectionState } from './state.ts';

/** What happens to a connection. */
export type Input =
  | { readonly type: 'start' }
  /** The application's answer to `fetchToken`. */
  | { readonly type: 'token'; readonly attempt: number; readonly token: string }
  | { readonly type: 'noToken'; readonly attempt: number; readonly cause: unknown }
  | { readonly type: 'frame'; readonly attempt: number; readonly frame: ServerFrame }
  | { readonly type: 'closed'; readonly attempt: number; readonly code: number }
  /** The alarm that was set has gone off. */
  | { readonly type: 'alarm' }
  /** The application has brought another token. */
  | { readonly type: 'renewed'; readonly token: string }
  /** What hangs on this connection cannot go on without a new one. */
  | { readonly type: 'reset'; readonly error: ReachabilityError }
  | { readonly type: 'leave' };

/** What is to be done then. */
export type Effect =
  | { readonly type: 'fetchToken'; readonly attempt: number }
  | {
      readonly type: 'open';
      readonly attempt: number;
      readonly token: string;
      readonly connectionSid: string | null;
    }
  | { readonly type: 'send'; readonly frame: { readonly type: 'ping' | 'bye' } }
  | { readonly type: 'close'; readonly attempt: number; readonly code: number }
  /** Replaces the alarm there is. With jitter, it goes off at a random time within `ms`. */
  | { readonly type: 'alarm'; readonly ms: number; readonly jitter: boolean }
  | { readonly type: 'noAlarm' }
  | { readonly type: 'attached'; readonly ready: ReadyFrame }
  | { readonly type: 'complain'; readonly error: ReachabilityError }
  | { readonly type: 'tokenExpiring'; readonly expiresInMs: number }
  | { readonly type: 'tokenExpired' }
  | { readonly type: 'ended'; readonly error: ReachabilityError };

/** The moment, by both clocks, in milliseconds. */
export interface Now {
  readonly monotonic: number;
  readonly wall: number;
}

export interface Step {
  readonly state: ConnectionState;
  readonly effects: readonly Effect[];
}

export function stay(state: ConnectionState): Step {
  return { state, effects: [] };
}
