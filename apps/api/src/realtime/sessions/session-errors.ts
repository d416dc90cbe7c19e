/** Why this process opens no session, although the client may have one. */
export type NotServingReason =
  /** The process stops: the client reconnects to another node, or to the next start of this one. */
  | 'node stops'
  /** Other nodes had declared this node lost when the Connection was recorded, so the Connection counts as closed. */
  | 'node lost'
  /** The Connection was closed, or its User deleted, before the session was open. The client has been told. */
  | 'closed meanwhile';

/** No session was opened. Unless it was closed meanwhile, the client should reconnect. */
export class NotServingError extends Error {
  override readonly name = 'NotServingError';
  readonly reason: NotServingReason;

  constructor(reason: NotServingReason) {
    super(`No session was opened: ${reason}`);
    this.reason = reason;
  }
}

/** The User has the maximum number of Connections. */
export class TooManyConnectionsError extends Error {
  override readonly name = 'TooManyConnectionsError';

  constructor() {
    super('Too many connections of this User');
  }
}
