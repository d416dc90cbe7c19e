/** Close codes of sockets. Those from 4400 on are ours. `docs/protocol.md` says what a client does about each. */
export const CLOSE_CODES = {
  /** The client said bye. */
  bye: 1000,
  /** The server failed; the client may reconnect. */
  failed: 1011,
  /** The node stops, or other nodes declared it lost. The client reconnects, to another node or to its next start. */
  restart: 1012,
  /** A frame that the protocol does not know. */
  protocol: 4400,
  /** The token is invalid or has expired. The client reconnects with another. */
  token: 4401,
  /** The Service does not exist. */
  noService: 4404,
  /** The client read nothing for too long. It reconnects and asks for what has changed since. */
  slow: 4408,
  /** Another socket has resumed the Connection. */
  takenOver: 4409,
  /** The User was deleted: the client does not reconnect. */
  removed: 4410,
  /** The Connection was closed over REST. */
  closedElsewhere: 4411,
  /** More connections or frames than allowed. The client reconnects later. */
  tooMany: 4429,
} as const;

/**
 * Why the server closes a client's socket, whatever protocol the client speaks. The words are also the text of the
 * close frame on `/stream`.
 */
export type CloseReason =
  /** The client sent nothing and did not answer a ping in time. */
  | 'fell silent'
  | 'token expired'
  /** Another socket has resumed its Connection. */
  | 'taken over'
  | 'user deleted'
  /** Its Connection was closed over REST, or by a worker. */
  | 'connection closed'
  /** Other nodes declared this one lost: the Connection counts as closed, and the client has to open another. */
  | 'node lost'
  | 'node stops'
  | 'reads too slowly'
  | 'too many requests'
  | 'bad frame'
  /** It did not identify itself in time. */
  | 'says nothing';

/** Close code for each reason, in every protocol. */
export const CLOSE_REASONS: Readonly<Record<CloseReason, number>> = {
  'fell silent': CLOSE_CODES.failed,
  'token expired': CLOSE_CODES.token,
  'taken over': CLOSE_CODES.takenOver,
  'user deleted': CLOSE_CODES.removed,
  'connection closed': CLOSE_CODES.closedElsewhere,
  'node lost': CLOSE_CODES.restart,
  'node stops': CLOSE_CODES.restart,
  'reads too slowly': CLOSE_CODES.slow,
  'too many requests': CLOSE_CODES.tooMany,
  'bad frame': CLOSE_CODES.protocol,
  'says nothing': CLOSE_CODES.protocol,
};
