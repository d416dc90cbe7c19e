/** Seconds after its last sign of life at which a client is pinged. */
export const PING_SECONDS = 10;
/** Seconds that a client has to answer a ping. */
export const PONG_SECONDS = 5;
/** Seconds that recording a close may take. */
const RECORDING_SECONDS = 1;

/**
 * Milliseconds within which a client that fell silent is shown offline: the greatest age of an answer that says
 * online.
 *
 * @param graceSeconds grace period of the Service
 */
export function stalenessBoundMs(graceSeconds: number): number {
  return (PING_SECONDS + PONG_SECONDS + graceSeconds + RECORDING_SECONDS) * 1_000;
}
