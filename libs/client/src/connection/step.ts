import type { ReachabilityError } from '../errors.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import type { ConnectionState } from './state.ts';

/** An event that a connection reacts to. */
export type Input =
  | { readonly type: 'start' }
  /** Result of the effect `fetchToken`. */
  | { readonly type: 'tokenFetched'; readonly attempt: number; readonly token: string }
  | { readonly type: 'tokenFailed'; readonly attempt: number; readonly cause: unknown }
  | { readonly type: 'frame'; readonly attempt: number; readonly frame: ServerFrame }
  | { readonly type: 'socketClosed'; readonly attempt: number; readonly code: number }
  | { readonly type: 'timer' }
  /** The application replaced the token. */
  | { readonly type: 'newToken'; readonly token: string }
  /** Only a new connection recovers from this error. */
  | { readonly type: 'reset'; readonly error: ReachabilityError }
  | { readonly type: 'shutDown' };

/** An action that a transition asks for. */
export type Effect =
  | { readonly type: 'fetchToken'; readonly attempt: number }
  | {
      readonly type: 'openSocket';
      readonly attempt: number;
      readonly token: string;
      readonly connectionSid: string | null;
    }
  | { readonly type: 'send'; readonly frame: { readonly type: 'ping' | 'bye' } }
  | { readonly type: 'closeSocket'; readonly attempt: number; readonly code: number }
  /** Replaces the present timer. With `jitter`, it fires at a random time within `ms`. */
  | { readonly type: 'setTimer'; readonly ms: number; readonly jitter: boolean }
  | { readonly type: 'clearTimer' }
  | { readonly type: 'ready'; readonly ready: ReadyFrame }
  | { readonly type: 'reportError'; readonly error: ReachabilityError }
  | { readonly type: 'tokenExpiring'; readonly expiresInMs: number }
  | { readonly type: 'tokenExpired' }
  | { readonly type: 'ended'; readonly error: ReachabilityError };

/** The present time by both clocks, in milliseconds. */
export interface Now {
  readonly monotonic: number;
  readonly wall: number;
}

/** Result of a transition. */
export interface Step {
  readonly state: ConnectionState;
  readonly effects: readonly Effect[];
}

export function unchanged(state: ConnectionState): Step {
  return { state, effects: [] };
}

export function setTimer(ms: number, { jitter = false } = {}): Effect {
  return { type: 'setTimer', ms, jitter };
}
