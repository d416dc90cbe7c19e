import { ReachabilityError } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import type { ReadyFrame, ServerFrame } from '../protocol/server-frames.ts';
import { abandon, attempt, end, lost, open } from './attempts.ts';
import { closed } from './closures.ts';
import { alarm, listen, SILENCE_MS } from './silence.ts';
import type { Attached, ConnectionState } from './state.ts';
import { stay, type Effect, type Input, type Now, type Step } from './step.ts';

/** Longest that the server may take to close after `bye`, in milliseconds. */
export const BYE_MS = 2_000;

/** What a connection does about what happens to it. Pure: the effects are for others to have. */
export function transition(state: ConnectionState, input: Input, now: Now): Step {
  if (state.phase.name === 'ended') return stay(state);
  switch (input.type) {
    case 'start':
      return state.phase.name === 'idle' ? attempt(state, now) : stay(state);
    case 'token':
      if (state.phase.name !== 'fetching' || input.attempt !== state.attempt) return stay(state);
      return open({ ...state, token: input.token, isTokenSpent: false });
    case 'noToken':
      if (state.phase.name !== 'fetching' || input.attempt !== state.attempt) return stay(state);
      return lost(state, noToken(input.cause), now);
    case 'frame':
      return input.attempt === state.attempt ? heard(state, input.frame, now) : stay(state);
    case 'closed':
      return input.attempt === state.attempt ? closed(state, input.code, now) : stay(state);
    case 'alarm':
      return rung(state, now);
    case 'renewed':
      return renewed({ ...state, token: input.token, isTokenSpent: false }, now);
    case 'reset':
      return state.phase.name === 'attached' ? abandon(state, input.error, now) : stay(state);
    case 'leave':
      return leave(state);
  }
}

function heard(state: ConnectionState, frame: ServerFrame, now: Now): Step {
  const { phase } = state;
  if (frame.type === 'error') {
    return stay(frame.id === null ? { ...state, complaint: frame } : state);
  }
  if (phase.name === 'opening') {
    return frame.type === 'ready' ? attach(state, frame, now) : stay(state);
  }
  if (phase.name !== 'attached') return stay(state);
  const alive: Attached = { ...phase, heardAt: now.monotonic, isProbing: false };
  if (frame.type === 'move') {
    return {
      state: { ...state, phase: { ...alive, isMoving: true } },
      effects: [alarm(frame.reconnect_in_ms)],
    };
  }
  const effects: Effect[] =
    frame.type === 'token_expiring'
      ? [{ type: 'tokenExpiring', expiresInMs: frame.expires_in_ms }]
      : [];
  return { state: { ...state, phase: alive }, effects };
}

function attach(state: ConnectionState, ready: ReadyFrame, now: Now): Step {
  if (state.userSid !== null && state.userSid !== ready.user_sid) {
    return end(state, 'identity_changed', 'The token names another User than the one before');
  }
  const predecessor: Effect[] =
    state.predecessor === null
      ? []
      : [{ type: 'close', attempt: state.predecessor, code: CLOSE.abandoned }];
  const phase: Attached = {
    name: 'attached',
    readyAt: now.monotonic,
    heardAt: now.monotonic,
    pongMs: ready.pong_ms,
    isProbing: false,
    isMoving: false,
  };
  const { connection_sid: connectionSid, user_sid: userSid } = ready;
  return {
    state: { ...state, phase, predecessor: null, connectionSid, userSid, complaint: null },
    effects: [...predecessor, alarm(SILENCE_MS), { type: 'attached', ready }],
  };
}

function rung(state: ConnectionState, now: Now): Step {
  const { phase } = state;
  switch (phase.name) {
    case 'waiting':
      return attempt(state, now);
    case 'fetching':
    case 'opening':
      return abandon(
        state,
        new ReachabilityError('connection_lost', 'The attempt took too long'),
        now,
      );
    case 'attached':
      if (!phase.isMoving) return listen(state, phase, now);
      // The old socket lives on until the new one is ready, so that there is no moment without any.
      return attempt({ ...state, predecessor: state.attempt, failures: 0 }, now);
    case 'leaving':
      return end(state, 'shut_down', 'The client was shut down');
    default:
      return stay(state);
  }
}

function renewed(state: ConnectionState, now: Now): Step {
  return state.phase.name === 'denied' ? attempt({ ...state, failures: 0 }, now) : stay(state);
}

function leave(state: ConnectionState): Step {
  if (state.phase.name === 'leaving') return stay(state);
  if (state.phase.name !== 'attached') return end(state, 'shut_down', 'The client was shut down');
  return {
    state: { ...state, phase: { name: 'leaving' } },
    effects: [{ type: 'send', frame: { type: 'bye' } }, alarm(BYE_MS)],
  };
}

function noToken(cause: unknown): ReachabilityError {
  const message = 'The tokenProvider did not give a token';
  return new ReachabilityError('token_provider_failed', message, { cause });
}
