import type { ProgramCredentials } from '../../support/program.ts';

/** How frames travel: as `/stream` sends them, as Socket.IO's packets, or as MQTT's. */
export type Wire = 'stream' | 'socket.io' | 'mqtt';

/** Server that clients connect to, and their credentials. */
export interface Target {
  readonly port: number;
  /** `stream` by default. */
  readonly wire?: Wire;
  /** Null for the baseline, which takes a name as token. */
  readonly access: {
    readonly credentials: Pick<ProgramCredentials, 'accountSid' | 'apiKey'>;
    readonly serviceSid: string;
  } | null;
}

/** Sids of Users. Every client watches `each` of them; the next client watches the next ones. */
export interface Watched {
  readonly users: readonly string[];
  readonly each: number;
}

/** Connects `count` clients, which stay connected. */
export interface OpenRequest {
  readonly do: 'open';
  readonly target: Target;
  readonly prefix: string;
  readonly count: number;
  /** Most attempts that start in a second. */
  readonly perSecond: number;
  /** Most attempts that may wait at a time, so that the listen queue does not overflow; unlimited by default. */
  readonly mostWaiting?: number;
  readonly watched: readonly Watched[];
  /** Share of Twilsock clients that speak event protocol 3; 0 by default. */
  readonly protocol3Share?: number;
}

/** All clients lose their sockets at once and reconnect as the protocol says. */
export interface DropRequest {
  readonly do: 'drop';
  readonly target: Target;
  readonly resume: boolean;
  /** Share of the clients that reconnect. */
  readonly returning: number;
  /** Time before they start to reconnect. */
  readonly awayMs: number;
}

/** Requests to a client process. Each gets one answer; see {@link LoadAnswers}. */
export type LoadRequest =
  | OpenRequest
  | DropRequest
  /** Returns the deliveries since the last call. */
  | { readonly do: 'collect' }
  /** Returns the states of watched Users that every client knows. */
  | { readonly do: 'states' };

/** Result of opening sockets; times in milliseconds of the shared clock. */
export interface Opened {
  readonly ready: number;
  readonly failed: number;
  readonly resumed: number;
  readonly startedAt: number;
  readonly lastReadyAt: number;
  /** Milliseconds from the attempt to the ready frame. */
  readonly latencies: readonly number[];
  /** Unwanted ends of sockets and their number, by close code, HTTP status or socket error. */
  readonly closes: Readonly<Record<string, number>>;
}

/** Changes that clients received, as columns. */
export interface Deliveries {
  readonly at: Float64Array;
  /** Index of the User in the concatenated watch-lists. */
  readonly subject: Uint32Array;
  readonly online: Uint8Array;
}

/** States that one client knows: `is_online` by the index of the User in the concatenated watch-lists. */
export type States = Readonly<Record<number, boolean | null>>;

export interface LoadAnswers {
  readonly states: readonly States[];
  readonly open: Opened;
  readonly collect: Deliveries;
  readonly drop: Opened;
}
