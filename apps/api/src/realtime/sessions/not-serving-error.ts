/** Why a session does not come about that the service would have opened otherwise. */
export type NotServingReason =
  /** The process is ending: come back to another node, or to its next start. */
  | 'node stops'
  /** The others had given this node up when the Connection was recorded, so that it counts as closed. */
  | 'node lost'
  /** Somebody closed the Connection, or deleted the User, before it was ready; the client has been told. */
  | 'closed meanwhile';

/** A client that is told so does well to come back, but for the last reason. */
export class NotServingError extends Error {
  override readonly name = 'NotServingError';
  readonly reason: NotServingReason;

  constructor(reason: NotServingReason) {
    super(`No session is opened: ${reason}`);
    this.reason = reason;
  }
}
