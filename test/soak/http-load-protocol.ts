import type { Change } from '../bench/realtime/subjects.ts';
import type { BasicCredentials } from '../support/http-client.ts';

/** What the requests of a soak do, and how many of them are sent in a second. */
export const RATES = {
  get: 10,
  list: 2,
  audit: 1,
  write: 1,
  change: 1,
  reference: 10,
} as const;

export type RequestKind = keyof typeof RATES;

/** Where the requests go. */
export interface HttpLoad {
  readonly origin: string;
  readonly credentials: BasicCredentials;
  readonly serviceSid: string;
  /** Users that are read and written. */
  readonly users: readonly string[];
  /** Users whose Connections are opened and closed. */
  readonly probes: readonly string[];
  /** Origin of a bare server, which is asked as often. */
  readonly reference: string;
}

/** One answered request. */
export interface Sample {
  readonly kind: RequestKind;
  /** When it was sent, by the clock of the benches. */
  readonly at: number;
  readonly ms: number;
}

/** What happened since the last report. */
export interface HttpLoadReport {
  readonly samples: readonly Sample[];
  readonly changes: readonly Change[];
  /** Requests that failed or were answered with an error. */
  readonly failures: readonly string[];
}
