import type { ReachabilityError } from '../errors.ts';

/**
 * Where a connection stands. `attempt` numbers the sockets, so that what is heard of an old one can be told apart.
 *
 *     idle ─▶ fetching ─▶ opening ──ready──▶ attached ──shutdown──▶ leaving ─▶ ended
 *               ▲            │                  │                                ▲
 *               │            └─────▶ waiting ◀──┤ lost                           │
 *               └──────────────────────┘        └──▶ denied, until another token │
 *                                                    (close codes that say never)┘
 */
export type Phase =
  | { readonly name: 'idle' }
  /** The application is asked for a token. */
  | { readonly name: 'fetching' }
  /** A socket is opened; it counts once the server says `ready`. */
  | { readonly name: 'opening' }
  | Attached
  /** The next attempt is due in a while. */
  | { readonly name: 'waiting' }
  /** The token is refused and the application has to bring another. */
  | { readonly name: 'denied' }
  /** `bye` is said. */
  | { readonly name: 'leaving' }
  | { readonly name: 'ended'; readonly error: ReachabilityError };

export interface Attached {
  readonly name: 'attached';
  /** Times in milliseconds of the monotonic clock. */
  readonly readyAt: number;
  readonly heardAt: number;
  /** How long the server may take to answer a ping, in milliseconds. */
  readonly pongMs: number;
  /** Whether a ping was sent since the server was last heard. */
  readonly isProbing: boolean;
  /** Whether the server has said when to connect anew. */
  readonly isMoving: boolean;
}

/** What the server said of its own accord before it closed the socket. */
export interface Complaint {
  readonly code: string | number;
  readonly message: string;
}

export interface ConnectionState {
  readonly phase: Phase;
  /** The number of the latest attempt. */
  readonly attempt: number;
  /** A socket that stays open until its successor is ready: its attempt's number. */
  readonly predecessor: number | null;
  /** Attempts that failed in a row. */
  readonly failures: number;
  readonly token: string;
  /** Whether the token was refused or has expired. */
  readonly isTokenSpent: boolean;
  /** Whether the application can be asked for tokens. */
  readonly canRefresh: boolean;
  /** The Connection to go on with. */
  readonly connectionSid: string | null;
  /** The own User, once known. */
  readonly userSid: string | null;
  readonly complaint: Complaint | null;
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
    complaint: null,
  };
}

/** What applications see of it. */
export type ConnectionStateName =
  'connecting' | 'connected' | 'disconnected' | 'denied' | 'closing' | 'closed' | 'failed';

const NAMES = {
  idle: 'connecting',
  fetching: 'connecting',
  opening: 'connecting',
  attached: 'connected',
  waiting: 'disconnected',
  denied: 'denied',
  leaving: 'closing',
} as const;

export function stateName({ phase }: ConnectionState): ConnectionStateName {
  if (phase.name !== 'ended') return NAMES[phase.name];
  return phase.error.code === 'shut_down' ? 'closed' : 'failed';
}
