import { ReachabilityError } from '../errors.ts';

/** Which changes to follow, where, and as whom. */
export interface ChangesOptions {
  /** URL of the server, such as `https://reachability.example.com`. */
  readonly url: string;
  /** Sid of the account or of an API key with the scope `read`. */
  readonly username: string;
  /** The auth token of the account, or the secret of the API key. Keep it in your back end. */
  readonly password: string;
  readonly serviceSid: string;
  /** The version of the last event that you have handled; left out, the feed begins now. */
  readonly since?: string;
  /** Sids or identities; all Users by default. */
  readonly users?: readonly string[];
  /** Only changes after which `isOnline` has this value. */
  readonly isOnline?: boolean | null;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
  /** Milliseconds without a sign of life after which to reconnect; 60 s by default. */
  readonly silenceMs?: number;
  /** Receives the error of each connection that was lost or could not be made. The feed reconnects in any case. */
  readonly onConnectionError?: (error: unknown) => void;
  /** Replaces the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** For tests; `Math.random` by default. */
  readonly random?: () => number;
}

/**
 * Returns the URL of a feed.
 *
 * @throws ReachabilityError `invalid`
 */
export function feedUrl(options: ChangesOptions): URL {
  const { url: text, serviceSid, users = [], isOnline } = options;
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new ReachabilityError('invalid', `${JSON.stringify(text)} is not a URL of a server`);
  }
  const url = new URL(text);
  url.hash = '';
  url.search = '';
  const path = `/v2/Services/${encodeURIComponent(serviceSid)}/Reachability/Changes`;
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  for (const user of users) url.searchParams.append('Users', user);
  if (isOnline !== undefined) url.searchParams.append('IsOnline', String(isOnline));
  return url;
}

/** Returns the headers of a request that resumes after a version. */
export function feedHeaders(
  { username, password }: ChangesOptions,
  version: string | null,
): Record<string, string> {
  const credentials = new TextEncoder().encode(`${username}:${password}`);
  return {
    Accept: 'text/event-stream',
    Authorization: `Basic ${btoa(String.fromCharCode(...credentials))}`,
    ...(version === null ? {} : { 'Last-Event-ID': version }),
  };
}

/** Returns the error of an answer that no repetition would change; null where the request may be repeated. */
export function refusalOf(status: number): ReachabilityError | null {
  switch (status) {
    case 400:
      return new ReachabilityError('invalid', 'The server refuses the parameters of the feed');
    case 401:
    case 403:
      return new ReachabilityError('credentials_refused', `The server answered ${status}`);
    case 404:
      return new ReachabilityError('no_service', 'There is no such Service for these credentials');
    default:
      return null;
  }
}
