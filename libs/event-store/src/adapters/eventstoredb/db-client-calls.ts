import { EventStoreDBClient } from '@eventstore/db-client';
import { Client } from '@grpc/grpc-js';
import type { PausableStream } from './read-batches.ts';

const READ = '/event_store.client.streams.Streams/Read';

/** A pending call: a stream of its answers as bytes, until it ends or is cancelled. */
interface ReadCall extends PausableStream<Buffer> {
  cancel(): void;
}

/**
 * Raw calls over a client's own connection: the client finds the node, sends credentials, reconnects after an error
 * and ends the calls when it is disposed. It exposes this only to subclasses.
 */
export class DbClientCalls extends EventStoreDBClient {
  /** Starts a read whose answers are not decoded. */
  static read(client: DbClientCalls, request: Buffer): Promise<ReadCall> {
    const open = client.GRPCStreamCreator(Client, 'read', (connection) =>
      connection.makeServerStreamRequest(
        READ,
        passThrough,
        passThrough,
        request,
        ...client.callArguments({}, { deadline: Infinity }),
      ),
    );
    return open();
  }
}

function passThrough(bytes: Buffer): Buffer {
  return bytes;
}
