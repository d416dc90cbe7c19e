import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { AppendReq, AppendResp, ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';

/** The server's side of a running read, which it answers with bytes. */
export type ReadAtServer = ServerWritableStream<ReadReq, Buffer>;
/** The server's side of a running append: the stream and the expected revision first, then each event. */
export type AppendAtServer = ServerReadableStream<AppendReq, AppendResp>;

/** An in-process server that answers only reads and appends, with answers from the test. */
export interface FakeEventStoreDb {
  readonly url: string;
  readonly port: number;
  readonly stop: () => void;
}

/**
 * @param port a free port by default
 * @param onAppend appends are refused by default
 */
export async function startFakeEventStoreDb(
  onRead: (call: ReadAtServer) => void,
  port = 0,
  onAppend?: (call: AppendAtServer, answer: sendUnaryData<AppendResp>) => void,
): Promise<FakeEventStoreDb> {
  const server = new Server();
  const { read, append } = StreamsService;
  server.addService(
    { read: { ...read, responseSerialize: (answer: Buffer) => answer } },
    { read: onRead },
  );
  if (onAppend !== undefined) server.addService({ append }, { append: onAppend });
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
