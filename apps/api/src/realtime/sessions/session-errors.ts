import { DomainError } from '#domain';
import { EventStoreUnwritableError } from '#event-store';

/** Why this process opened no session, although the client is allowed to have one. */
type NotServingReason =
  /** The process stops: the client reconnects to another node, or to the next start of this one. */
  | 'node_stopping'
  /** Other nodes had declared this node lost when the Connection was recorded, so the Connection counts as closed. */
  | 'node_lost'
  /** The Connection was closed, or its User deleted, before the session was open. The client has been notified. */
  | 'closed_meanwhile';

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

/** Why a client with a valid token gets no session, in any protocol. */
export type HandshakeFailure = 'too_many_connections' | 'no_service' | 'unavailable';

/** Returns why a session was not opened; null if the server failed. */
export function handshakeFailure(error: unknown): HandshakeFailure | null {
  if (error instanceof TooManyConnectionsError) return 'too_many_connections';
  if (error instanceof DomainError && error.code === 'SERVICE.NOT_FOUND') return 'no_service';
  const isUnavailable =
    error instanceof NotServingError || error instanceof EventStoreUnwritableError;
  return isUnavailable ? 'unavailable' : null;
}
