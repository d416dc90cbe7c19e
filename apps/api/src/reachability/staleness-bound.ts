import { PING_SECONDS, PONG_SECONDS } from '../realtime/liveness.ts';

/** What it may take to record an end. */
const RECORDING_SECONDS = 1;

/**
 * Milliseconds after which a client that fell silent counts as gone, at the latest: so old an answer that says
 * online can be.
 */
export function stalenessBoundMs(graceSeconds: number): number {
  return (PING_SECONDS + PONG_SECONDS + graceSeconds + RECORDING_SECONDS) * 1_000;
}
