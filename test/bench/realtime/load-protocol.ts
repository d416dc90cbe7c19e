import type { ProgramCredentials } from '../../support/program.ts';

/** Where clients connect to, and how they say who they are. */
export interface Target {
  readonly port: number;
  /** Null at the baseline, which takes a name for a token. */
  readonly access: {
    readonly credentials: Pick<ProgramCredentials, 'accountSid' | 'apiKey'>;
    readonly serviceSid: string;
  } | null;
}

/** Sids of Users, of whom every client watches `each`, the next client the next ones. */
export interface Watched {
  readonly users: readonly string[];
  readonly each: number;
}

/** So many clients become ready, and stay. */
export interface OpenRequest {
  readonly do: 'open';
  readonly target: Target;
  readonly prefix: string;
  readonly count: number;
  /** Most attempts that begin in a second. */
  readonly perSecond: number;
  /** Most attempts that wait to be ready at any time, lest they overflow the listen queue; any number by default. */
  readonly mostWaiting?: number;
  readonly watched: readonly Watched[];
}

/** All clients lose their sockets at once, and come back as the protocol says. */
export interface DropRequest {
  readonly do: 'drop';
  readonly target: Target;
  readonly resume: boolean;
  /** Share of the clients that come back; the others stay away. */
  readonly returning: number;
  /** How long they stay away before they begin to come back. */
  readonly awayMs: number;
}

/** What the parent asks of a process of clients; each request is answered once, by its name. */
export type LoadRequest =
  | OpenRequest
  | DropRequest
  /** Forgets the deliveries so far, and gives those that came since the last time. */
  | { readonly do: 'collect' }
  /** What every client knows of the Users that it watches. */
  | { readonly do: 'states' };

/** What happened to clients that opened sockets, in milliseconds of the shared clock. */
export interface Opened {
  readonly ready: number;
  readonly failed: number;
  readonly resumed: number;
  readonly startedAt: number;
  readonly lastReadyAt: number;
  /** From the attempt to the ready frame. */
  readonly latencies: readonly number[];
  /** Why sockets closed that nobody wanted to close, and how often: close codes, HTTP statuses, errors of sockets. */
  readonly closes: Readonly<Record<string, number>>;
}

/** Changes that clients were told of, each at its place in every list. */
export interface Deliveries {
  readonly at: Float64Array;
  /** Place of the User in the lists that are watched, one after another. */
  readonly subject: Uint32Array;
  readonly online: Uint8Array;
}

/** Of one client, by place of the User in the lists that are watched: whether it is online. */
export type States = Readonly<Record<number, boolean | null>>;

export interface LoadAnswers {
  readonly states: readonly States[];
  readonly open: Opened;
  readonly collect: Deliveries;
  readonly drop: Opened;
}
