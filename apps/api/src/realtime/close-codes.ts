/** Close codes of `/stream`. Those from 4400 on are ours; a client comes back after the others only. */
export const CLOSE = {
  /** The client said bye. */
  bye: 1000,
  /** The server failed; coming back makes sense. */
  failed: 1011,
  /** The server stops; come back, to another node or to the next start. */
  restart: 1012,
  /** More waits for the client than the server keeps: come back, for a snapshot instead of all of it. */
  slow: 1013,
  /** A frame that is not of the protocol. */
  protocol: 4400,
  /** The token is refused or has expired: come back with another. */
  token: 4401,
  /** There is no such Service. */
  noService: 4404,
  /** The User was deleted: do not come back. */
  removed: 4410,
  /** The Connection was closed over REST. */
  closedElsewhere: 4411,
} as const;
