let taken = false;

/**
 * The client's batch append, its faster way, keeps the appends under way in one map per process: the end of one
 * client's stream rejects the appends of all clients, and an answer that then comes for one of them throws where
 * nobody can catch it. So one client of a process may use it, and the others append in the plain way.
 *
 * @returns whether the caller is the one, until it calls {@link releaseBatchAppend}
 */
export function acquireBatchAppend(): boolean {
  if (taken) return false;
  taken = true;
  return true;
}

export function releaseBatchAppend(): void {
  taken = false;
}
