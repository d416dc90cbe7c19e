/** A client that may be told of some Users of its Service only. */
export interface Viewer {
  /** Whether the client may watch an identity. One that it may not watch must look like one that does not exist. */
  mayWatch(identity: string): boolean;
}
