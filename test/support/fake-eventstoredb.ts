import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';

/** The server's side of a running read, which it answers with bytes. */
export type ReadAtServer = ServerWritableStream<unknown, Buffer>;

/** An in-process server that answers only reads, with answers from the test. */
export interface FakeEventStoreDb {
  readonly url: string;
  readonly port: number;
  readonly stop: () => void;
}

/** @param port a free port by default */
export async function startFakeEventStoreDb(
  onRead: (call: ReadAtServer) => void,
  port = 0,
): Promise<FakeEventStoreDb> {
  const server = new Server();
  const { read } = StreamsService;
  const definition = { ...read, responseSerialize: (answer: Buffer) => answer };
  server.addService({ read: definition }, { read: onRead });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, got) => {
      if (error === null) resolve(got);
      else reject(error);
    });
  });
  return {
    url: `esdb://127.0.0.1:${bound}?tls=false`,
    port: bound,
    stop: () => server.forceShutdown(),
  };
}
