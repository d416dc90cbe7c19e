/** Close codes of sockets on `/stream`. The server sends them unless noted otherwise. */
export const CLOSE = {
  /** By either side, after `bye`. */
  bye: 1000,
  tooBig: 1009,
  restart: 1012,
  /** By the client when it abandons a socket. The User goes offline unless it reconnects within the grace period. */
  abandoned: 4000,
  badFrame: 4400,
  token: 4401,
  noService: 4404,
  takenOver: 4409,
  userDeleted: 4410,
  closedByService: 4411,
  tooMany: 4429,
} as const;

/**
 * How a client reacts to a close code.
 *
 * - `resume`: reconnects and resumes the Connection if possible
 * - `newConnection`: reconnects with a new Connection
 * - `retryLater`: reconnects after a longer wait
 * - `newToken`: needs another token first
 * - `giveUp`: does not reconnect
 */
type CloseAction = 'resume' | 'newConnection' | 'retryLater' | 'newToken' | 'giveUp';

const ACTIONS: ReadonlyMap<number, CloseAction> = new Map([
  [CLOSE.tooBig, 'giveUp'],
  [CLOSE.badFrame, 'giveUp'],
  [CLOSE.token, 'newToken'],
  [CLOSE.noService, 'giveUp'],
  // Normally only an abandoned socket gets this code. A socket in use gets it if an abandoned one reached the server
  // late and took over the Connection. With a new Connection the two cannot take over each other again and again.
  [CLOSE.takenOver, 'newConnection'],
  [CLOSE.userDeleted, 'giveUp'],
  [CLOSE.closedByService, 'giveUp'],
  [CLOSE.tooMany, 'retryLater'],
]);

/** Returns the reaction to a close code. Any code without an action, such as 1006, means a lost connection. */
export function closeAction(closeCode: number): CloseAction {
  return ACTIONS.get(closeCode) ?? 'resume';
}
