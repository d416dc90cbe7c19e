let isAcquired = false;

/**
 * Acquires the right to use batch append; true if the caller has it until it calls {@link releaseBatchAppend}. Batch
 * append is faster, but the client library keeps its pending appends in one map per process: when the stream of one
 * client ends, the pending appends of all clients are rejected, and a late answer to one of them throws an uncaught
 * exception. So only one client per process may use it, and the others use plain appends.
 */
export function acquireBatchAppend(): boolean {
  if (isAcquired) return false;
  isAcquired = true;
  return true;
}

export function releaseBatchAppend(): void {
  isAcquired = false;
}
