import { ReachabilityError } from '../errors.ts';
import { abandon } from './attempts.ts';
import type { Attached, ConnectionState } from './state.ts';
import type { Effect, Now, Step } from './step.ts';

/** A server that was not heard for this long is asked whether it is there, in milliseconds. */
export const SILENCE_MS = 25_000;

/**
 * Looks whether the server still speaks. Browsers hide the pings of the WebSocket protocol, so silence that they
 * would break is broken by a frame. The alarm is set once per silence, not once per frame.
 */
export function listen(state: ConnectionState, phase: Attached, now: Now): Step {
  const quietMs = now.monotonic - phase.heardAt;
  if (quietMs < SILENCE_MS) return { state, effects: [alarm(SILENCE_MS - quietMs)] };
  if (phase.isProbing) {
    const error = new ReachabilityError('connection_lost', 'The server has fallen silent');
    return abandon(state, error, now);
  }
  return {
    state: { ...state, phase: { ...phase, isProbing: true } },
    effects: [{ type: 'send', frame: { type: 'ping' } }, alarm(phase.pongMs)],
  };
}

export function alarm(ms: number): Effect {
  return { type: 'alarm', ms, jitter: false };
}
