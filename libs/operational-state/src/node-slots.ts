/** A node id that no other process uses while it is held. */
export interface NodeSlot {
  readonly nodeId: string;
  /** Returns false once another process has taken the id, because this one was stopped for so long. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Gives each process that serves requests a node id of its own. */
export interface NodeSlots {
  /**
   * Takes a node id whose previous holder has ended.
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
