import type { Counter } from 'prom-client';
import type { FrameRate } from '../frame-rate.ts';
import type { UserConnections } from '../user-connections.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { FrameHandler } from './frame-handler.ts';
import type { OutboxContext } from './outbox.ts';
import type { StreamClient } from './stream-client.ts';

/** Name of the gateway, in metrics. */
export const GATEWAY = 'stream';

/** What the clients of a process share. */
export interface StreamContext {
  readonly epoch: string;
  readonly hub: WatchHub;
  readonly outboxes: OutboxContext;
  readonly frameRate: FrameRate;
  readonly handler: FrameHandler;
  readonly users: UserConnections;
  /** By sid of the Connection: where a client that comes back is found. */
  readonly clients: Map<string, StreamClient>;
  readonly framesIn: Counter<'gateway' | 'type'>;
  readonly refused: Counter<'gateway' | 'code'>;
  readonly slowCloses: Counter<'gateway'>;
}
