/** Codes that sockets of `/stream` are closed with, by the server unless it says otherwise. */
export const CLOSE = {
  /** By either side, after bye. */
  bye: 1000,
  tooBig: 1009,
  restart: 1012,
  /** By the client, of a socket that it gives up: offline only if it does not come back within the grace. */
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
 * What a client does about a close code.
 *
 * - `again`: connects again, resuming where it can
 * - `anew`: connects again, with a Connection of its own
 * - `later`: connects again after a longer wait
 * - `token`: needs another token first
 * - `never`: stays away
 */
export type Verdict = 'again' | 'anew' | 'later' | 'token' | 'never';

const VERDICTS: ReadonlyMap<number, Verdict> = new Map([
  [CLOSE.tooBig, 'never'],
  [CLOSE.badFrame, 'never'],
  [CLOSE.token, 'token'],
  [CLOSE.noService, 'never'],
  // Only a socket that was given up should hear this. One that is in use was taken over by one of those, late: it
  // comes back, and with a Connection of its own there is nothing left to fight for.
  [CLOSE.takenOver, 'anew'],
  [CLOSE.userDeleted, 'never'],
  [CLOSE.closedByService, 'never'],
  [CLOSE.tooMany, 'later'],
]);

/** Codes that the protocol does not name mean a lost connection, 1006 above all. */
export function verdictOn(closeCode: number): Verdict {
  return VERDICTS.get(closeCode) ?? 'again';
}
