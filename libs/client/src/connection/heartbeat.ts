import { ReachabilityError } from '../errors.ts';
import { abandonSocket } from './reconnection.ts';
import type { Connected, ConnectionState } from './state.ts';
import { setTimer, type Now, type Step } from './step.ts';

/** A server that has sent nothing for this long is pinged, in milliseconds. */
export const SILENCE_MS = 25_000;

/**
 * Pings a silent server, and abandons the socket if no answer comes. Browsers hide the pings of the WebSocket protocol,
 * so the ping is a frame. One timer covers the whole silence; frames do not restart it.
 */
export function checkHeartbeat(state: ConnectionState, phase: Connected, now: Now): Step {
  const silentMs = now.monotonic - phase.heardAt;
  if (silentMs < SILENCE_MS) return { state, effects: [setTimer(SILENCE_MS - silentMs)] };
  if (phase.isPingSent) {
    const error = new ReachabilityError('connection_lost', 'The server does not answer pings');
    return abandonSocket(state, error, now);
  }
  return {
    state: { ...state, phase: { ...phase, isPingSent: true } },
    effects: [{ type: 'send', frame: { type: 'ping' } }, setTimer(phase.pongMs)],
  };
}
