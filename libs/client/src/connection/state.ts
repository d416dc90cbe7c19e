import type { ReachabilityError } from '../errors.ts';

/**
 * Phase of a connection.
 *
 *     idle ─▶ fetching ─▶ opening ──ready──▶ connected ──shutdown─▶ closing ─▶ ended
 *               ▲            │                  │                                ▲
 *               │            └─────▶ waiting ◀──┤ lost                           │
 *               └──────────────────────┘        └──▶ denied, until a new token   │
 *                                                    (close codes that end it) ──┘
 */
type Phase =
  | { readonly name: 'idle' }
  /** The application is asked for a token. */
  | { readonly name: 'fetching' }
  /** A socket opens. It counts as connected once the server sends `ready`. */
  | { readonly name: 'opening' }
  | Connected
  /** A timer starts the next attempt. */
  | { readonly name: 'waiting' }
  /** The token was refused and the application must replace it. */
  | { readonly name: 'denied' }
  /** `bye` was sent. */
  | { readonly name: 'closing' }
  | { readonly name: 'ended'; readonly error: ReachabilityError };

export interface Connected {
  readonly name: 'connected';
  /** Times in milliseconds of the monotonic clock. */
  readonly readyAt: number;
  readonly heardAt: number;
  /** Time limit for the server to answer a ping, in milliseconds. */
  readonly pongMs: number;
  /** Whether a ping was sent since the last frame of the server. */
  readonly isPingSent: boolean;
  /** Whether the server sent `move`. */
  readonly isMoving: boolean;
}

/** An `error` frame that answers no request: the server sends it before it closes the socket. */
export interface ServerError {
  readonly code: string | number;
  readonly message: string;
}

export interface ConnectionState {
  readonly phase: Phase;
  /** Number of the latest attempt. It identifies the socket, so that late events of older ones are ignored. */
  readonly attempt: number;
  /** The attempt whose socket stays open until its successor is ready. */
  readonly predecessor: number | null;
  /** Number of failed attempts in a row. */
  readonly failures: number;
  readonly token: string;
  /** Whether the token was refused or has expired. */
  readonly isTokenSpent: boolean;
  /** Whether the application has a `tokenProvider`. */
  readonly canRefresh: boolean;
  /** The Connection to resume. */
  readonly connectionSid: string | null;
  /** The own User, once known. */
  readonly userSid: string | null;
  readonly serverError: ServerError | null;
}

export function initialState(token: string, canRefresh: boolean): ConnectionState {
  return {
    phase: { name: 'idle' },
    attempt: 0,
    predecessor: null,
    failures: 0,
    token,
    isTokenSpent: false,
    canRefresh,
    connectionSid: null,
    userSid: null,
    serverError: null,
  };
}

/** The state that applications see. */
export type ConnectionStateName =
  'connecting' | 'connected' | 'disconnected' | 'denied' | 'closing' | 'closed' | 'failed';

const NAMES = {
  idle: 'connecting',
  fetching: 'connecting',
  opening: 'connecting',
  connected: 'connected',
  waiting: 'disconnected',
  denied: 'denied',
  closing: 'closing',
} as const;

export function stateName({ phase }: ConnectionState): ConnectionStateName {
  if (phase.name !== 'ended') return NAMES[phase.name];
  return phase.error.code === 'shut_down' ? 'closed' : 'failed';
}
