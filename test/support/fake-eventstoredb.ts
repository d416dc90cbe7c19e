import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  AppendResp,
  ReadResp,
  type AppendReq,
  type ReadReq,
} from '@eventstore/db-client/generated/streams_pb.js';

/** The server's side of a running read, which it answers with bytes. */
export type ReadAtServer = ServerWritableStream<ReadReq, Buffer>;
/** The server's side of a running append: the stream and the expected revision first, then each event. */
export type AppendAtServer = ServerReadableStream<AppendReq, AppendResp>;

/** Stream that the client reads to check a connection. */
const CHECKED_STREAM = 'reachability-store';
const HOST = '127.0.0.1';

/** How a node of a cluster describes it. */
export interface FakeCluster {
  readonly ports: readonly number[];
  readonly leaderPort: number | null;
}

export interface FakeEventStoreDbOptions {
  /** Answers reads. By default they get no answer. */
  readonly onRead?: (call: ReadAtServer) => void;
  /** Answers appends; `onRead` then answers the checks of connections as well. By default each append succeeds. */
  readonly onAppend?: (call: AppendAtServer, done: sendUnaryData<AppendResp>) => void;
  /** A free port by default. */
  readonly port?: number;
}

/**
 * An in-process server that speaks the wire: it answers checks, gossip and plain appends, and reads with answers from the
 * test. It can be frozen, as a process that got SIGSTOP: it accepts connections, and answers nothing.
 */
export class FakeEventStoreDb {
  /** What gossip says; by default the server is the only node, and the leader. */
  cluster: FakeCluster | null = null;
  /** Why appends are refused; null while they succeed. `no answer` keeps them waiting. */
  refusesAppends: 'no answer' | 'access denied' | null = null;
  /** Streams of the appends that succeeded. */
  readonly appends: string[] = [];
  /** Checks of connections so far, answered or not. */
  checks = 0;
  readonly port: number;
  readonly #server: Server;
  #isFrozen = false;
  #unanswered: (() => void)[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(options: FakeEventStoreDbOptions = {}): Promise<FakeEventStoreDb> {
    const { onRead = () => undefined, onAppend, port = 0 } = options;
    const server = new Server();
    const { read, append } = StreamsService;
    const definition = { ...read, responseSerialize: (answer: Buffer) => answer };
    server.addService(
      { read: definition, append },
      {
        read: (call: ReadAtServer) =>
          fake.#whenThawed(() => {
            if (onAppend === undefined) fake.#read(call, onRead);
            else onRead(call);
          }),
        append: (call: AppendAtServer, done: sendUnaryData<AppendResp>) =>
          fake.#whenThawed(() => {
            if (onAppend === undefined) fake.#append(call, done);
            else onAppend(call, done);
          }),
      },
    );
    server.addService(GossipService, {
      read: (_: ServerUnaryCall<Empty, ClusterInfo>, done: sendUnaryData<ClusterInfo>) =>
        fake.#whenThawed(() => done(null, fake.#gossip())),
    });
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${HOST}:${port}`, ServerCredentials.createInsecure(), (error, got) => {
        if (error === null) resolve(got);
        else reject(error);
      });
    });
    const fake = new FakeEventStoreDb(server, bound);
    return fake;
  }

  get url(): string {
    return `esdb://${HOST}:${this.port}?tls=false`;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** Answers what arrived meanwhile, and everything from now on. */
  thaw(): void {
    this.#isFrozen = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  /** Ends all connections, and the server. */
  readonly stop = (): void => this.#server.forceShutdown();

  #whenThawed(answer: () => void): void {
    if (this.#isFrozen) this.#unanswered.push(answer);
    else answer();
  }

  #read(call: ReadAtServer, onRead: (call: ReadAtServer) => void): void {
    const name = call.request
      .getOptions()
      ?.getStream()
      ?.getStreamIdentifier()
      ?.getStreamName_asU8();
    if (name === undefined || Buffer.from(name).toString() !== CHECKED_STREAM) {
      onRead(call);
      return;
    }
    this.checks += 1;
    const { leaderPort } = this.cluster ?? { leaderPort: this.port };
    const wantsLeader = call.metadata.get('requires-leader').includes('true');
    if (wantsLeader && leaderPort !== this.port) {
      call.emit('error', notLeader(leaderPort ?? 0));
      return;
    }
    call.write(Buffer.from(streamNotFound().serializeBinary()));
    call.end();
  }

  #append(call: AppendAtServer, done: sendUnaryData<AppendResp>): void {
    let stream = '';
    call.on('data', (request: AppendReq) => {
      const name = request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8();
      if (name !== undefined) stream = Buffer.from(name).toString();
    });
    call.on('end', () => {
      if (this.refusesAppends === 'no answer') return;
      if (this.refusesAppends === 'access denied') {
        done(exception(status.PERMISSION_DENIED, 'Access Denied', 'access-denied'));
        return;
      }
      this.appends.push(stream);
      const position = String(this.appends.length);
      const success = new AppendResp.Success()
        .setCurrentRevision('0')
        .setPosition(
          new AppendResp.Position().setCommitPosition(position).setPreparePosition(position),
        );
      done(null, new AppendResp().setSuccess(success));
    });
  }

  #gossip(): ClusterInfo {
    const { ports = [this.port], leaderPort = this.port } = this.cluster ?? {};
    const { LEADER, FOLLOWER } = MemberInfo.VNodeState;
    const members = ports.map((port) =>
      new MemberInfo()
        .setIsAlive(true)
        .setState(port === leaderPort ? LEADER : FOLLOWER)
        .setHttpEndPoint(new EndPoint().setAddress(HOST).setPort(port)),
    );
    return new ClusterInfo().setMembersList(members);
  }
}

function streamNotFound(): ReadResp {
  return new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound());
}

function notLeader(port: number): Error {
  return exception(status.NOT_FOUND, 'Leader info available', 'not-leader', {
    'leader-endpoint-host': HOST,
    'leader-endpoint-port': String(port),
  });
}

/** An error of the server: the client recognises it by its metadata. */
function exception(
  code: status,
  details: string,
  name: string,
  values: Readonly<Record<string, string>> = {},
): Error & { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries({ exception: name, ...values }))
    metadata.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata });
}
