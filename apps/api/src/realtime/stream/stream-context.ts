import type { Counter } from 'prom-client';
import type { Client } from '../client.ts';
import type { FrameRate } from '../frame-rate.ts';
import type { GatewaySocket } from '../gateway-socket.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { Beginning } from './beginning.ts';
import type { FrameHandler } from './frame-handler.ts';
import type { OutboxContext } from './outbox.ts';
import type { Limits } from './server-frames.ts';

/** Name of the gateway, in metrics. */
export const GATEWAY = 'stream';

/** A client that another socket may go on for. */
export interface ResumableClient extends Client {
  readonly socket: GatewaySocket | null;
  /** Goes on with another socket, in the place of the one that it had. The session is attached already. */
  goOn(socket: GatewaySocket): void;
  /** Tells it that it is ready, and what it has missed. */
  readyAgain(from: Beginning): void;
}

/** What the clients of a process share. */
export interface StreamContext {
  readonly epoch: string;
  readonly limits: Limits;
  readonly hub: WatchHub;
  readonly outboxes: OutboxContext;
  readonly frameRate: FrameRate;
  readonly handler: FrameHandler;
  /** By sid of the Connection: where a client that comes back is found. */
  readonly clients: Map<string, ResumableClient>;
  readonly framesIn: Counter<'gateway' | 'type'>;
  readonly refused: Counter<'gateway' | 'code'>;
  readonly slowCloses: Counter<'gateway'>;
}
