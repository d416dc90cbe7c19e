import type { CloseReason } from '../sockets/close-codes.ts';

/**
 * Why the server disconnects a client. `silent`: the client did not answer a ping in time. Its socket is cut off
 * without a close frame.
 */
export type DisconnectReason = CloseReason | 'silent';

/** The client of a session, in any protocol. The session calls it. */
export interface SessionClient {
  /** Sends a ping that the client answers without help from its application. */
  ping(): void;
  /** Tells the client that its token expires in this many milliseconds. */
  announceExpiry(inMs: number): void;
  /** The client may watch other Users than before. */
  accessChanged(): void;
  /** Tells the client to reconnect after this many milliseconds, and closes its socket. */
  move(reconnectInMs: number): void;
  /** Tells the client why it is disconnected, and closes its socket if it has one. */
  disconnect(reason: DisconnectReason): void;
  /** The session has ended, at once or after the grace period. It is the last call. */
  onSessionEnd(): void;
}
