import { Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';

/** A read under way, as the server has it: it answers with bytes. */
export type ReadAtServer = ServerWritableStream<unknown, Buffer>;

/** A server that answers nothing but reads, and those as the test tells it, in this process. */
export interface FakeEventStoreDb {
  readonly url: string;
  readonly port: number;
  readonly stop: () => void;
}

/** @param port a free one by default */
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
