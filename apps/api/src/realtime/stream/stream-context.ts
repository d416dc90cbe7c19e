import type { Counter } from 'prom-client';
import type { ClientContext } from '../sessions/client-connection.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { StreamRequests } from './stream-requests.ts';
import type { Limits } from './server-frames.ts';
import type { SharedFrames } from './shared-frames.ts';
import type { StreamClient } from './stream-client.ts';

/** What the clients of `/stream` share. */
export interface StreamContext extends ClientContext {
  readonly epoch: string;
  readonly limits: Limits;
  readonly publisher: ChangePublisher;
  readonly frames: SharedFrames;
  readonly requests: StreamRequests;
  /** By sid of the Connection, for clients that resume it. */
  readonly clients: Map<string, StreamClient>;
  readonly coalesced: Counter;
}
