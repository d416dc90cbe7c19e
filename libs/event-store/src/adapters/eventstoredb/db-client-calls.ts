import { EventStoreDBClient } from '@eventstore/db-client';
import { Client } from '@grpc/grpc-js';
import type { PausableStream } from './read-batches.ts';

const READ = '/event_store.client.streams.Streams/Read';

/** A call under way: the bytes of its answers, until it ends or is cancelled. */
export interface ReadCall extends PausableStream<Buffer> {
  cancel(): void;
}

/**
 * Calls over the connection of a client, as the client makes them itself: it finds the node, sends credentials,
 * connects again after an error, and ends the calls when it is disposed. It shows this to its subclasses only.
 */
export class DbClientCalls extends EventStoreDBClient {
  /** A read whose answers are the bytes that came. */
  static read(client: DbClientCalls, request: Buffer): Promise<ReadCall> {
    const open = client.GRPCStreamCreator(Client, 'read', (connection) =>
      connection.makeServerStreamRequest(
        READ,
        asItIs,
        asItIs,
        request,
        ...client.callArguments({}, { deadline: Infinity }),
      ),
    );
    return open();
  }
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
