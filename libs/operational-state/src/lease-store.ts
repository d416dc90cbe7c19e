/** What a node says of itself, for operators. It decides nothing. */
export interface NodeDetails {
  readonly role: string;
  /** Version of the program that the node runs. */
  readonly programVersion: string;
  /** When the incarnation started, in ISO 8601 by the clock of the node. */
  readonly startedAt: string;
  /** Connections that the node holds, at the last renewal. */
  readonly connections: number;
}

/** Sign of life of one incarnation of a node. */
export interface Lease {
  readonly nodeId: string;
  /** 0 while a process has the node id and has not started an incarnation. */
  readonly incarnation: number;
  /** Changes at each renewal. This change shows that the node is alive. */
  readonly counter: number;
  /**
   * ISO 8601 by the clock of the node. It becomes the last-seen time of a lost node and never decides whether the node
   * is lost, because clocks differ. Older programs leave it out.
   */
  readonly renewedAt?: string;
  /** Older programs leave it out. */
  readonly details?: NodeDetails;
}

/**
 * Leases of all nodes. The store measures no time: a node is lost when its lease has not changed for long enough by the
 * clock of the process that watches. A renewal must never wait for a stopped process, so leases do not belong in a
 * database file whose lock that process may hold.
 */
export interface LeaseStore {
  /** Writes a lease over the node's earlier one. Only its holder calls this. */
  renew(lease: Lease): Promise<void>;
  /** Returns all leases in any order. Rejects while they cannot be renewed, as far as the store knows. */
  list(): Promise<Lease[]>;
  /** Removes a lease unless the node has one of another incarnation by now. */
  remove(lease: Pick<Lease, 'nodeId' | 'incarnation'>): Promise<void>;
}
