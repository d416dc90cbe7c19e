import type { Counter } from 'prom-client';
import type { Client } from '../sessions/client.ts';
import type { FrameRate } from '../sockets/frame-rate.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { ResumePoint } from './resume-point.ts';
import type { FrameHandler } from './frame-handler.ts';
import type { OutboundQueueContext } from './outbound-queue.ts';
import type { Limits } from './server-frames.ts';

/** Name of the gateway, in metrics. */
export const GATEWAY = 'stream';

/** A client that another socket may go on for. */
export interface ResumableClient extends Client {
  readonly socket: GatewaySocket | null;
  /** Goes on with another socket, in the place of the one that it had. The session is attached already. */
  goOn(socket: GatewaySocket): void;
  /** Tells it that it is ready, and what it has missed. */
  readyAgain(from: ResumePoint): void;
}

/** What the clients of a process share. */
export interface StreamContext {
  readonly epoch: string;
  readonly limits: Limits;
  readonly hub: ChangePublisher;
  readonly outboxes: OutboundQueueContext;
  readonly frameRate: FrameRate;
  readonly handler: FrameHandler;
  /** By sid of the Connection: where a client that comes back is found. */
  readonly clients: Map<string, ResumableClient>;
  readonly framesIn: Counter<'gateway' | 'type'>;
  readonly refused: Counter<'gateway' | 'code'>;
  readonly slowCloses: Counter<'gateway'>;
}
