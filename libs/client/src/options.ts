import { systemClock, type Clock } from './clock.ts';
import type { WebSocketConstructor } from './connection/socket.ts';
import { ReachabilityError } from './errors.ts';
import type { ErrorReporter } from './events/emitter.ts';

export interface ChatClientOptions {
  /** URL of the server, such as `https://reachability.example.com` or `ws://127.0.0.1:3000`, without `/stream`. */
  readonly url: string;
  /**
   * Returns an access token of the same identity. Called when the present token is about to expire, when it was refused,
   * and before an attempt to connect if it has expired. Without it, the application calls `updateToken`.
   */
  readonly tokenProvider?: () => Promise<string>;
  /** Stored with the Connections of this device. */
  readonly deviceId?: string;
  /** Time limit of `create` in milliseconds; 30 s by default. */
  readonly createTimeoutMs?: number;
  /** Time limit of any other request in milliseconds, including time without a connection; 30 s by default. */
  readonly requestTimeoutMs?: number;
  /** Receives errors of listeners. The browser's `reportError` or `console.error` by default. */
  readonly onListenerError?: (error: unknown) => void;
  /** Replaces the platform's WebSocket, for example by that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests; `Math.random` by default. */
  readonly random?: () => number;
}

/** The options with their defaults applied. */
export interface Settings {
  readonly streamUrl: URL;
  readonly fetchToken: (() => Promise<string>) | null;
  readonly deviceId: string | null;
  readonly createTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly report: ErrorReporter;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: () => number;
}

const TIMEOUT_MS = 30_000;

/** @throws ReachabilityError `invalid` for an invalid URL, or if the platform has no WebSocket */
export function settingsOf(options: ChatClientOptions): Settings {
  return {
    streamUrl: parseUrl(options.url),
    fetchToken: options.tokenProvider === undefined ? null : checkedProvider(options.tokenProvider),
    deviceId: options.deviceId ?? null,
    createTimeoutMs: options.createTimeoutMs ?? TIMEOUT_MS,
    requestTimeoutMs: options.requestTimeoutMs ?? TIMEOUT_MS,
    report: neverThrowing(options.onListenerError ?? reportListenerError),
    webSocket: options.WebSocket ?? platformWebSocket(),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocol = url === null ? null : PROTOCOLS.get(url.protocol);
  if (url === null || protocol === undefined || protocol === null) {
    throw new ReachabilityError('invalid', `${JSON.stringify(text)} is not a URL of a server`);
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

const platform: object & {
  readonly WebSocket?: WebSocketConstructor;
  readonly reportError?: ErrorReporter;
} = globalThis;

function platformWebSocket(): WebSocketConstructor {
  if (platform.WebSocket !== undefined) return platform.WebSocket;
  throw new ReachabilityError(
    'invalid',
    'This platform has no WebSocket: pass one as the option WebSocket',
  );
}

/** JavaScript applications may throw synchronously, or return something other than a string. */
function checkedProvider(provider: () => Promise<string>): () => Promise<string> {
  return async () => {
    const token: unknown = await provider();
    if (typeof token === 'string') return token;
    throw new TypeError('The tokenProvider did not return a string');
  };
}

/** Returns a reporter that never throws. */
function neverThrowing(report: ErrorReporter): ErrorReporter {
  return (error) => {
    try {
      report(error);
    } catch (failure) {
      if (report !== reportListenerError) reportListenerError(failure);
    }
  };
}

/** Default of `onListenerError`: the browser's handling of uncaught errors, or the console. */
const reportListenerError: ErrorReporter = (error) => {
  if (platform.reportError !== undefined) {
    platform.reportError(error);
    return;
  }
  // eslint-disable-next-line no-console -- throwing would end a Node process that may serve many others
  console.error('A listener of @reachability/client failed:', error);
};
