import type { Clock } from '../clock.ts';
import type { ReachabilityError } from '../errors.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import type { WebSocketConstructor } from './socket.ts';
import type { ConnectionStateName } from './state.ts';

/** What a connection needs of the world. */
export interface ConnectionOptions {
  readonly token: string;
  readonly fetchToken: (() => Promise<string>) | null;
  /** Where to connect. */
  readonly url: (token: string, connectionSid: string | null) => string;
  readonly webSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded. */
  readonly random: () => number;
}

/** Who is told. */
export interface ConnectionListener {
  stateChanged(name: ConnectionStateName): void;
  attached(ready: ReadyFrame): void;
  /** A frame other than `ready`, while attached. */
  frame(frame: ServerFrame): void;
  error(error: ReachabilityError): void;
  tokenExpiring(expiresInMs: number): void;
  tokenExpired(): void;
  ended(error: ReachabilityError): void;
}
