import type { CloseReason } from '../sockets/close-codes.ts';

/** Why a session ends other than by its client. Each protocol tells its clients in its own words. */
export type EndReason = Extract<
  CloseReason,
  | 'fell silent'
  | 'token expired'
  | 'taken over'
  | 'user deleted'
  | 'connection closed'
  | 'node lost'
>;

/** Receives what a session asks of its client, in any protocol. */
export interface SessionClient {
  /** Sends a ping that the client answers without help from its application. */
  ping(): void;
  /** Tells the client that its token expires in this many milliseconds. */
  announceExpiry(inMs: number): void;
  /** Tells the client to reconnect after this many milliseconds, and closes its socket. */
  move(reconnectInMs: number): void;
  /** Tells the client why its session ends, and closes its socket if it has one. */
  disconnect(reason: EndReason): void;
  /** The session has ended, at once or after the grace period. It is the last call. */
  onSessionEnd(): void;
}
