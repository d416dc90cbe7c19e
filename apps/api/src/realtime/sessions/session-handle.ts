import type { Position } from '#event-store';
import type { AccessToken } from '../../platform/access-tokens/access-tokens.ts';

/** A Connection that a client of this process holds: what is known of it, and what its gateway reports. */
export interface SessionHandle {
  readonly connectionSid: string;
  readonly userSid: string;
  readonly serviceSid: string;
  readonly identity: string;
  /** Where its ConnectionOpened stands in the log. */
  readonly position: Position;
  /** Milliseconds that its Service gives a client to come back, as of now. */
  readonly graceMs: number;

  /** The client has said something, or answered a ping. */
  seen(): void;

  /** Lasts as long as this token from now on; false, and no change, when the token is not the same User's. */
  renew(token: AccessToken): boolean;

  /** The client has said that it goes: its Connection is closed at once. */
  bye(): void;

  /**
   * The client's socket has ended in any other way: the grace begins, in which the session may be resumed. To be
   * called for the socket that the client has now, not for one that another took over from.
   */
  lost(): void;
}
