/** A node id that no other process uses while it is held. */
export interface NodeSlot {
  readonly nodeId: string;
  /** Returns false once the id was given up for this process, because it was stopped for so long. */
  isHeld(): Promise<boolean>;
  /** Frees the id, or leaves that to the removal of its lease where the lease is what shows that it is in use. */
  release(): Promise<void>;
}

/** Gives each process that serves requests a node id of its own. */
export interface NodeSlots {
  /**
   * Takes a node id whose previous holder has ended. Where that shows by its lease only, this settles when the lease has
   * run out.
   *
   * @param nodeId null for the first of `node-1`, `node-2`... that is free
   * @throws NodeIdInUseError
   */
  take(nodeId: string | null): Promise<NodeSlot>;
}

/** The node id, or every id that can be given, belongs to another process. */
export class NodeIdInUseError extends Error {
  override readonly name = 'NodeIdInUseError';
  readonly code = 'NODE_ID.IN_USE';
}
