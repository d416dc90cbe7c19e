import type { EndReason } from '../sessions/client.ts';

/** Close codes of sockets. Those from 4400 on are ours. `docs/protocol.md` says what a client does about each. */
export const CLOSE = {
  /** The client said bye. */
  bye: 1000,
  /** The server failed; coming back makes sense. */
  failed: 1011,
  /** The node stops, or was given up by the others; come back, to another or to its next start. */
  restart: 1012,
  /** A frame that is not of the protocol. */
  protocol: 4400,
  /** The token is refused or has expired: come back with another. */
  token: 4401,
  /** There is no such Service. */
  noService: 4404,
  /** Nothing was read for too long: come back, for what has changed since. */
  slow: 4408,
  /** Another socket goes on with the Connection. */
  takenOver: 4409,
  /** The User was deleted: do not come back. */
  removed: 4410,
  /** The Connection was closed over REST. */
  closedElsewhere: 4411,
  /** More connections or frames than are taken: come back later. */
  tooMany: 4429,
} as const;

/** Why a gateway closes the socket of a client: the service ends it, or the gateway has enough of it. */
export type CloseReason =
  | EndReason
  | 'node stops'
  | 'reads too slowly'
  | 'too many requests'
  | 'bad frame'
  /** It has not said in time who it is. */
  | 'says nothing';

/** What sockets are closed with, whatever protocol they speak. */
export const CLOSE_CODES: Readonly<Record<CloseReason, number>> = {
  'fell silent': CLOSE.failed,
  'token expired': CLOSE.token,
  'taken over': CLOSE.takenOver,
  'user deleted': CLOSE.removed,
  'connection closed': CLOSE.closedElsewhere,
  'node lost': CLOSE.restart,
  'node stops': CLOSE.restart,
  'reads too slowly': CLOSE.slow,
  'too many requests': CLOSE.tooMany,
  'bad frame': CLOSE.protocol,
  'says nothing': CLOSE.protocol,
};
