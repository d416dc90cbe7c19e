import type { ConnectionSettings } from './connection-string.ts';
import { NodeClient } from './node-client.ts';
import type { NodeAddress } from './node-channel.ts';

interface NodeConnectionOptions {
  /** Whether the node must be the leader of its cluster. */
  readonly requiresLeader: boolean;
  /** Whether appends are sent in batches: see `batch-append-lease.ts`. */
  readonly batches: boolean;
}

/**
 * The connections of this thread to one node. Appends have one of their own: a consumer that does not read its
 * subscription cannot delay them.
 */
export class NodeConnection {
  readonly node: NodeAddress;
  readonly reader: NodeClient;
  readonly writer: NodeClient;
  readonly #options: NodeConnectionOptions;
  #isClosed = false;

  /** @throws InvalidConnectionStringError when a certificate cannot be read */
  constructor(node: NodeAddress, settings: ConnectionSettings, options: NodeConnectionOptions) {
    this.node = node;
    this.reader = new NodeClient(node, settings);
    this.writer = new NodeClient(node, settings);
    this.#options = options;
  }

  /** True once the calls over it have been ended: a read that ends then is not complete. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Settles when the node can be used. Call it before the first other call.
   *
   * @throws LogClientError
   */
  async prepare(): Promise<void> {
    await Promise.all([this.check(), this.#options.batches ? this.writer.prepareAppends() : null]);
  }

  /**
   * Settles when the node has answered over both connections.
   *
   * @throws LogClientError
   */
  async check(): Promise<void> {
    const { requiresLeader } = this.#options;
    await Promise.all([this.reader.check(requiresLeader), this.writer.check(requiresLeader)]);
  }

  /** Ends all calls at once, also while the node does not answer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.reader.close(), this.writer.close()]);
  }
}
