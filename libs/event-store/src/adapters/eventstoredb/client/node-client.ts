import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip, {
  type ClusterInfo,
  type MemberInfo,
} from '@eventstore/db-client/generated/gossip_pb.js';
import { Client, type Channel } from '@grpc/grpc-js';
import type { ConnectionSettings, Endpoint } from './connection-string.ts';
import { toLogClientError } from './db-client-errors.ts';
import { readEvents, type ReadCall } from './db-client-reads.ts';
import { LogClientError } from '../log-client.ts';
import { openChannel, type NodeAddress } from './node-channel.ts';

const READ = '/event_store.client.streams.Streams/Read';
const GOSSIP = GossipService.read;
/** The message of a request without parameters. */
const EMPTY = Buffer.alloc(0);
const { LEADER } = gossip.MemberInfo.VNodeState;

/** A small stream, of which each check reads the last event: see `epoch.ts`. */
const CHECKED_STREAM = 'reachability-store';

/** What a node says about its cluster. */
export interface ClusterView {
  /** Null if the node does not know a leader that is alive. */
  readonly leader: Endpoint | null;
  readonly nodes: readonly Endpoint[];
}

/**
 * The client library over one channel to one node. It neither looks for another node nor reconnects by itself; both are
 * the task of its owner, who knows about all connections of the process.
 */
export class NodeClient extends EventStoreDBClient {
  readonly #channel: Channel;

  constructor(node: NodeAddress, settings: ConnectionSettings) {
    const { credentials, tls, connectionName } = settings;
    super(
      {
        endpoint: { address: node.host, port: node.port },
        ...(connectionName === null ? {} : { connectionName }),
      },
      { insecure: tls === null },
      credentials ?? undefined,
    );
    this.#channel = openChannel(node, settings);
    this.getChannel = () => Promise.resolve(this.#channel);
  }

  /** Starts a read whose answers are not decoded. */
  readRaw(request: Buffer): Promise<ReadCall> {
    const open = this.GRPCStreamCreator(Client, 'read', (connection) =>
      connection.makeServerStreamRequest(
        READ,
        passThrough,
        passThrough,
        request,
        ...this.callArguments({}, { deadline: Infinity }),
      ),
    );
    return open();
  }

  /**
   * Settles when the node has answered a read.
   *
   * @param requiresLeader whether that is an error where the node is not the leader of its cluster
   * @throws LogClientError
   */
  async check(requiresLeader: boolean): Promise<void> {
    const range = { fromRevision: END, direction: BACKWARDS, maxCount: 1, requiresLeader } as const;
    try {
      await Array.fromAsync(readEvents(this.readStream(CHECKED_STREAM, range), Infinity));
    } catch (error) {
      if (!(error instanceof LogClientError) || error.failure !== 'stream_not_found') throw error;
    }
  }

  /** Settles when the client knows which calls the server supports: it would ask before its first append. */
  async prepareAppends(): Promise<void> {
    try {
      await this.capabilities;
    } catch (error) {
      throw toLogClientError(error);
    }
  }

  /**
   * The leader and the nodes of the node's cluster.
   *
   * @throws LogClientError when the node does not answer in `timeoutMs`
   */
  async cluster(timeoutMs: number): Promise<ClusterView> {
    try {
      return toClusterView(await this.#gossip(timeoutMs));
    } catch (error) {
      throw toLogClientError(error);
    }
  }

  /** Ends all calls, and the connection. */
  async close(): Promise<void> {
    await this.dispose();
    this.#channel.close();
  }

  #gossip(timeoutMs: number): Promise<ClusterInfo> {
    const callArguments = this.callArguments({ deadline: timeoutMs });
    return this.execute(
      Client,
      'gossip',
      (connection) =>
        new Promise((resolve, reject) => {
          connection.makeUnaryRequest(
            GOSSIP.path,
            passThrough,
            GOSSIP.responseDeserialize,
            EMPTY,
            ...callArguments,
            (error, answer) => {
              if (answer === undefined) reject(error ?? new Error('No answer'));
              else resolve(answer);
            },
          );
        }),
    );
  }
}

function toClusterView(info: ClusterInfo): ClusterView {
  const members = info.getMembersList().filter((each) => each.getIsAlive());
  const leader = members.find((each) => each.getState() === LEADER);
  return {
    leader: leader === undefined ? null : (endpointsOf([leader])[0] ?? null),
    nodes: endpointsOf(members),
  };
}

function endpointsOf(members: readonly MemberInfo[]): Endpoint[] {
  return members
    .map((each) => each.getHttpEndPoint())
    .filter((each) => each !== undefined)
    .map((each) => ({ host: each.getAddress(), port: each.getPort() }));
}

function passThrough(bytes: Buffer): Buffer {
  return bytes;
}
