import { ReachabilityError, tokenProviderError } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import { checkHeartbeat, SILENCE_MS } from './heartbeat.ts';
import { abandonSocket, end, openSocket, retry, startAttempt } from './reconnection.ts';
import { handleClose } from './socket-close.ts';
import type { Connected, ConnectionState } from './state.ts';
import { setTimer, unchanged, type Effect, type Input, type Now, type Step } from './step.ts';

/** Time limit for the server to close the socket after `bye`, in milliseconds. */
export const BYE_MS = 2_000;

/** Returns the next state of a connection and the effects to perform. Pure. */
export function transition(state: ConnectionState, input: Input, now: Now): Step {
  if (state.phase.name === 'ended') return unchanged(state);
  switch (input.type) {
    case 'start':
      return state.phase.name === 'idle' ? startAttempt(state, now) : unchanged(state);
    case 'tokenFetched':
      if (!isFetching(state, input.attempt)) return unchanged(state);
      return openSocket({ ...state, token: input.token, isTokenSpent: false });
    case 'tokenFailed':
      return isFetching(state, input.attempt)
        ? retry(state, tokenProviderError(input.cause), now)
        : unchanged(state);
    case 'frame':
      return input.attempt === state.attempt
        ? handleFrame(state, input.frame, now)
        : unchanged(state);
    case 'socketClosed':
      return input.attempt === state.attempt
        ? handleClose(state, input.code, now)
        : unchanged(state);
    case 'timer':
      return handleTimer(state, now);
    case 'newToken':
      return handleNewToken({ ...state, token: input.token, isTokenSpent: false }, now);
    case 'reset':
      return state.phase.name === 'connected'
        ? abandonSocket(state, input.error, now)
        : unchanged(state);
    case 'shutDown':
      return shutDown(state);
  }
}

function isFetching(state: ConnectionState, attempt: number): boolean {
  return state.phase.name === 'fetching' && attempt === state.attempt;
}

function handleFrame(state: ConnectionState, frame: ServerFrame, now: Now): Step {
  const { phase } = state;
  if (frame.type === 'error') {
    return unchanged(frame.id === null ? { ...state, serverError: frame } : state);
  }
  if (phase.name === 'opening') {
    return frame.type === 'ready' ? handleReady(state, frame, now) : unchanged(state);
  }
  if (phase.name !== 'connected') return unchanged(state);
  const heard: Connected = { ...phase, heardAt: now.monotonic, isPingSent: false };
  if (frame.type === 'move') {
    return {
      state: { ...state, phase: { ...heard, isMoving: true } },
      effects: [setTimer(frame.reconnect_in_ms)],
    };
  }
  const effects: Effect[] =
    frame.type === 'token_expiring'
      ? [{ type: 'tokenExpiring', expiresInMs: frame.expires_in_ms }]
      : [];
  return { state: { ...state, phase: heard }, effects };
}

function handleReady(state: ConnectionState, ready: ReadyFrame, now: Now): Step {
  if (state.userSid !== null && state.userSid !== ready.user_sid) {
    return end(state, 'identity_changed', 'The token is of another User than the previous token');
  }
  const closePredecessor: Effect[] =
    state.predecessor === null
      ? []
      : [{ type: 'closeSocket', attempt: state.predecessor, code: CLOSE.abandoned }];
  const phase: Connected = {
    name: 'connected',
    readyAt: now.monotonic,
    heardAt: now.monotonic,
    pongMs: ready.pong_ms,
    isPingSent: false,
    isMoving: false,
  };
  const { connection_sid: connectionSid, user_sid: userSid } = ready;
  return {
    state: { ...state, phase, predecessor: null, connectionSid, userSid, serverError: null },
    effects: [...closePredecessor, setTimer(SILENCE_MS), { type: 'ready', ready }],
  };
}

function handleTimer(state: ConnectionState, now: Now): Step {
  const { phase } = state;
  switch (phase.name) {
    case 'waiting':
      return startAttempt(state, now);
    case 'fetching':
    case 'opening':
      return abandonSocket(
        state,
        new ReachabilityError('connection_lost', 'The attempt to connect took too long'),
        now,
      );
    case 'connected':
      if (!phase.isMoving) return checkHeartbeat(state, phase, now);
      // The old socket stays open until the new one is ready, so that the User never goes offline.
      return startAttempt({ ...state, predecessor: state.attempt, failures: 0 }, now);
    case 'closing':
      return end(state, 'shut_down', 'The client was shut down');
    default:
      return unchanged(state);
  }
}

function handleNewToken(state: ConnectionState, now: Now): Step {
  return state.phase.name === 'denied'
    ? startAttempt({ ...state, failures: 0 }, now)
    : unchanged(state);
}

function shutDown(state: ConnectionState): Step {
  if (state.phase.name === 'closing') return unchanged(state);
  if (state.phase.name !== 'connected') return end(state, 'shut_down', 'The client was shut down');
  return {
    state: { ...state, phase: { name: 'closing' } },
    effects: [{ type: 'send', frame: { type: 'bye' } }, setTimer(BYE_MS)],
  };
}
