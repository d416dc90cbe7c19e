/** Close codes of sockets. Those from 4400 on are ours. `docs/protocol.md` describes the reaction of a client to each. */
export const CLOSE_CODES = {
  /** The client sent `bye`. */
  bye: 1000,
  /** The server failed; the client may reconnect. */
  failed: 1011,
  /** The node stops, or other nodes declared it lost. The client reconnects, to another node or to its next start. */
  restart: 1012,
  /** The client sent a frame that is not part of the protocol. */
  protocol: 4400,
  /** The token is invalid, was revoked or has expired. The client reconnects with another. */
  token: 4401,
  /** The Service does not exist. */
  noService: 4404,
  /** The client read nothing for too long. It reconnects and asks for the changes since its version. */
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
 * Why the server closes a client's socket, in any protocol: with this close code and, on `/stream`, with this text in
 * the close frame. Twilsock has its own text for each reason.
 */
export const CLOSE_REASONS = {
  token_expired: { code: CLOSE_CODES.token, text: 'token expired' },
  /** The API key that signed the token was revoked or has expired, or the secret of it was replaced. */
  key_ended: { code: CLOSE_CODES.token, text: 'api key ended' },
  /** Tokens of the User were revoked: the client needs one that was issued later. */
  token_revoked: { code: CLOSE_CODES.token, text: 'token revoked' },
  /** Another socket has resumed the Connection. */
  taken_over: { code: CLOSE_CODES.takenOver, text: 'taken over' },
  user_deleted: { code: CLOSE_CODES.removed, text: 'user deleted' },
  /** The Connection was closed over REST, or by a worker. */
  connection_closed: { code: CLOSE_CODES.closedElsewhere, text: 'connection closed' },
  /** Other nodes declared this one lost: the Connection counts as closed, and the client has to open another. */
  node_lost: { code: CLOSE_CODES.restart, text: 'node lost' },
  node_stopping: { code: CLOSE_CODES.restart, text: 'node stops' },
  slow_reader: { code: CLOSE_CODES.slow, text: 'reads too slowly' },
  too_many_requests: { code: CLOSE_CODES.tooMany, text: 'too many frames' },
  bad_frame: { code: CLOSE_CODES.protocol, text: 'bad frame' },
  /** The client did not send its `init` message in time. */
  init_timeout: { code: CLOSE_CODES.protocol, text: 'says nothing' },
} as const;

export type CloseReason = keyof typeof CLOSE_REASONS;
