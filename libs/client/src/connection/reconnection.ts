import { ReachabilityError, type ReachabilityErrorCode } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import { backoffWindow, FAILURES_AT_MAX } from './backoff.ts';
import type { ConnectionState } from './state.ts';
import { setTimer, type Effect, type Now, type Step } from './step.ts';
import { expiryOf } from './token-expiry.ts';

/** Time limit of one attempt until `ready`, including the `tokenProvider`, in milliseconds. */
export const ATTEMPT_MS = 20_000;

/** A connection that lasted less long counts as a failed attempt, in milliseconds. */
export const STABLE_MS = 5_000;

/** A token that expires sooner is replaced before connecting, in milliseconds. */
const TOKEN_MARGIN_MS = 30_000;

/** Starts an attempt. Fetches a token first if the present one has expired or was refused. */
export function startAttempt(before: ConnectionState, now: Now): Step {
  const state = { ...before, attempt: before.attempt + 1, serverError: null };
  if (!needsToken(state, now)) return openSocket(state);
  return {
    state: { ...state, phase: { name: 'fetching' } },
    effects: [{ type: 'fetchToken', attempt: state.attempt }, setTimer(ATTEMPT_MS)],
  };
}

/** Opens the socket of an attempt that has its token. */
export function openSocket(state: ConnectionState): Step {
  const { attempt, token, connectionSid } = state;
  return {
    state: { ...state, phase: { name: 'opening' } },
    effects: [{ type: 'openSocket', attempt, token, connectionSid }, setTimer(ATTEMPT_MS)],
  };
}

/** Waits for the next attempt after a failed attempt or a lost connection. */
export function retry(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const { phase, failures } = state;
  const wasStable = phase.name === 'connected' && now.monotonic - phase.readyAt >= STABLE_MS;
  return wait(state, error, wasStable ? 0 : Math.min(failures + 1, FAILURES_AT_MAX));
}

/** As {@link retry}, with the longest wait. */
export function retryLater(state: ConnectionState, error: ReachabilityError): Step {
  return wait(state, error, FAILURES_AT_MAX);
}

function wait(state: ConnectionState, error: ReachabilityError, failures: number): Step {
  return {
    state: { ...state, phase: { name: 'waiting' }, failures },
    effects: [{ type: 'reportError', error }, setTimer(backoffWindow(failures), { jitter: true })],
  };
}

/** Closes the socket without `bye`, so that the Connection can be resumed, and retries. */
export function abandonSocket(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const step = retry(state, error, now);
  const close: Effect = { type: 'closeSocket', attempt: state.attempt, code: CLOSE.abandoned };
  return { state: step.state, effects: [close, ...step.effects] };
}

/** Waits until the application replaces the token. */
export function awaitToken(state: ConnectionState, error: ReachabilityError): Step {
  return {
    state: { ...state, phase: { name: 'denied' }, isTokenSpent: true },
    effects: [{ type: 'clearTimer' }, { type: 'reportError', error }],
  };
}

/** Ends the connection for good. */
export function end(
  state: ConnectionState,
  code: ReachabilityErrorCode,
  message: string,
  details: { readonly closeCode?: number } = {},
): Step {
  const error = new ReachabilityError(code, message, { ...details, terminal: true });
  const report: Effect[] = code === 'shut_down' ? [] : [{ type: 'reportError', error }];
  return {
    state: { ...state, phase: { name: 'ended', error } },
    effects: [{ type: 'clearTimer' }, ...report, { type: 'ended', error }],
  };
}

function needsToken({ canRefresh, isTokenSpent, token }: ConnectionState, now: Now): boolean {
  if (!canRefresh) return false;
  const expiry = expiryOf(token);
  return isTokenSpent || expiry === null || expiry - now.wall < TOKEN_MARGIN_MS;
}
