import type { Clock } from '../clock.ts';
import type { ReachabilityError } from '../errors.ts';
import type { AuthFrame } from '../protocol/client-frames.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import type { WebSocketConstructor } from './socket.ts';
import type { ConnectionStateName } from './state.ts';

/** Dependencies of a connection. */
export interface ConnectionOptions {
  readonly token: string;
  readonly fetchToken: (() => Promise<string>) | null;
  /** The URL to connect to. */
  readonly url: string;
  /** Returns the first frame. It carries the token, which does not belong in a URL: proxies log those. */
  readonly auth: (token: string, connectionSid: string | null) => AuthFrame;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** Returns a number from 0 to 1, excluding 1. */
  readonly random: () => number;
}

export interface ConnectionListener {
  onStateChanged(name: ConnectionStateName): void;
  onReady(ready: ReadyFrame): void;
  /** Any frame except `ready`, while connected. */
  onFrame(frame: ServerFrame): void;
  onError(error: ReachabilityError): void;
  onTokenExpiring(expiresInMs: number): void;
  onTokenExpired(): void;
  onEnded(error: ReachabilityError): void;
}
