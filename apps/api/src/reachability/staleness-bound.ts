/** A socket is pinged this often and given this long to answer; what is left covers the recording of its end. */
const PING_INTERVAL_MS = 10_000;
const PONG_TIMEOUT_MS = 5_000;
const RECORDING_MS = 1_000;

/**
 * Milliseconds after which a client that fell silent counts as gone, at the latest: so old an answer that says
 * online can be.
 */
export function stalenessBoundMs(graceSeconds: number): number {
  return PING_INTERVAL_MS + PONG_TIMEOUT_MS + graceSeconds * 1_000 + RECORDING_MS;
}
