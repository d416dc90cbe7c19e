import { systemClock, type Clock } from './clock.ts';
import type { WebSocketConstructor, WebSocketLike } from './connection/socket.ts';
import { ReachabilityError } from './errors.ts';
import type { Report } from './events/emitter.ts';
import { reportListenerError } from './events/report-error.ts';

export interface ChatClientOptions {
  /** Where the service is, `https://reachability.example.com` or `ws://127.0.0.1:3000`, with a path before `/stream` if any. */
  readonly url: string;
  /**
   * Gives access tokens of the same identity: before the present one expires, when it was refused, and when a new
   * attempt to connect would be made with one that has expired. Without it, the application calls `updateToken`.
   */
  readonly tokenProvider?: () => Promise<string>;
  /** Names this device in the record of its Connections. */
  readonly deviceId?: string;
  /** Longest that `create` may take, in milliseconds; 30 s by default. */
  readonly createTimeoutMs?: number;
  /** Longest to wait for any other answer, in milliseconds, time without a connection included; 30 s by default. */
  readonly requestTimeoutMs?: number;
  /** Told what listeners throw; `reportError` of the browser or `console.error` by default. */
  readonly onListenerError?: (error: unknown) => void;
  /** Another WebSocket than the platform's, of `ws` for example. */
  readonly WebSocket?: WebSocketConstructor;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests: as `Math.random`, which it is by default. */
  readonly random?: () => number;
}

/** The options with all of their defaults. */
export interface Settings {
  readonly streamUrl: URL;
  readonly fetchToken: (() => Promise<string>) | null;
  readonly deviceId: string | null;
  readonly createTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly report: Report;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: () => number;
}

const TIMEOUT_MS = 30_000;

/** @throws ReachabilityError `invalid` for a URL that is none, and where there is no WebSocket */
export function settingsOf(options: ChatClientOptions): Settings {
  return {
    streamUrl: streamUrl(options.url),
    fetchToken: options.tokenProvider === undefined ? null : checked(options.tokenProvider),
    deviceId: options.deviceId ?? null,
    createTimeoutMs: options.createTimeoutMs ?? TIMEOUT_MS,
    requestTimeoutMs: options.requestTimeoutMs ?? TIMEOUT_MS,
    report: safely(options.onListenerError ?? reportListenerError),
    webSocket: options.WebSocket ?? platformWebSocket(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function streamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocol = url === null ? null : PROTOCOLS.get(url.protocol);
  if (url === null || protocol === undefined || protocol === null) {
    throw new ReachabilityError('invalid', `${JSON.stringify(text)} is no URL of a service`);
  }
  url.protocol = protocol;
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/stream`;
  return url;
}

const PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['http:', 'ws:'],
  ['https:', 'wss:'],
  ['ws:', 'ws:'],
  ['wss:', 'wss:'],
]);

const platform: object & { readonly WebSocket?: new (url: string) => WebSocketLike } = globalThis;

function platformWebSocket(): WebSocketConstructor {
  if (platform.WebSocket !== undefined) return platform.WebSocket;
  throw new ReachabilityError('invalid', 'There is no WebSocket here: give one as an option');
}

/** JavaScript applications may throw at once, or give something else than a text. */
function checked(provider: () => Promise<string>): () => Promise<string> {
  return async () => {
    const token: unknown = await provider();
    if (typeof token === 'string') return token;
    throw new TypeError('What the tokenProvider gave is no text');
  };
}

/** A reporter that fails itself has nobody left to tell. */
function safely(report: Report): Report {
  return (error) => {
    try {
      report(error);
    } catch (failure) {
      if (report !== reportListenerError) reportListenerError(failure);
    }
  };
}
