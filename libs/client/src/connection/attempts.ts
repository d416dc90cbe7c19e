import { ReachabilityError, type ReachabilityErrorCode } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import { backoffWindow, FAILURES_AT_LONGEST } from './backoff.ts';
import type { ConnectionState } from './state.ts';
import type { Effect, Now, Step } from './step.ts';
import { expiryOf } from './token-expiry.ts';

/** Longest that an attempt may take until `ready`, the token from the application included, in milliseconds. */
export const ATTEMPT_MS = 20_000;

/** A connection that lasted less long than this was a failed attempt, in milliseconds. */
export const STABLE_MS = 5_000;

/** A token that expires sooner than this is not worth connecting with, in milliseconds. */
const TOKEN_MARGIN_MS = 30_000;

/** Begins an attempt: with the token at hand, or with one of the application's where that is needed. */
export function attempt(before: ConnectionState, now: Now): Step {
  const state = { ...before, attempt: before.attempt + 1, complaint: null };
  if (!needsToken(state, now)) return open(state);
  return {
    state: { ...state, phase: { name: 'fetching' } },
    effects: [{ type: 'fetchToken', attempt: state.attempt }, attemptAlarm],
  };
}

/** Opens the socket of an attempt that has its token. */
export function open(state: ConnectionState): Step {
  const { attempt, token, connectionSid } = state;
  return {
    state: { ...state, phase: { name: 'opening' } },
    effects: [{ type: 'open', attempt, token, connectionSid }, attemptAlarm],
  };
}

const attemptAlarm: Effect = { type: 'alarm', ms: ATTEMPT_MS, jitter: false };

/** Goes into waiting after an attempt that failed or a connection that is lost. */
export function lost(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const failures = failuresAfter(state, now);
  return {
    state: { ...state, phase: { name: 'waiting' }, failures },
    effects: [
      { type: 'complain', error },
      { type: 'alarm', ms: backoffWindow(failures), jitter: true },
    ],
  };
}

/** As {@link lost}, with the longest wait there is. */
export function lostForLonger(state: ConnectionState, error: ReachabilityError): Step {
  return {
    state: { ...state, phase: { name: 'waiting' }, failures: FAILURES_AT_LONGEST },
    effects: [
      { type: 'complain', error },
      { type: 'alarm', ms: backoffWindow(FAILURES_AT_LONGEST), jitter: true },
    ],
  };
}

/** Gives a socket up without saying bye, so that its Connection may be resumed. */
export function abandon(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const step = lost(state, error, now);
  const close: Effect = { type: 'close', attempt: state.attempt, code: CLOSE.abandoned };
  return { state: step.state, effects: [close, ...step.effects] };
}

/** Waits for another token from the application. */
export function deny(state: ConnectionState, error: ReachabilityError): Step {
  return {
    state: { ...state, phase: { name: 'denied' }, isTokenSpent: true },
    effects: [{ type: 'noAlarm' }, { type: 'complain', error }],
  };
}

/** Ends for good. */
export function end(
  state: ConnectionState,
  code: ReachabilityErrorCode,
  message: string,
  details: { readonly closeCode?: number } = {},
): Step {
  const error = new ReachabilityError(code, message, { ...details, terminal: true });
  const report: Effect[] = code === 'shut_down' ? [] : [{ type: 'complain', error }];
  return {
    state: { ...state, phase: { name: 'ended', error } },
    effects: [{ type: 'noAlarm' }, ...report, { type: 'ended', error }],
  };
}

function failuresAfter({ phase, failures }: ConnectionState, now: Now): number {
  const wasStable = phase.name === 'attached' && now.monotonic - phase.readyAt >= STABLE_MS;
  return wasStable ? 0 : Math.min(failures + 1, FAILURES_AT_LONGEST);
}

function needsToken({ canRefresh, isTokenSpent, token }: ConnectionState, now: Now): boolean {
  if (!canRefresh) return false;
  const expiry = expiryOf(token);
  return isTokenSpent || expiry === null || expiry - now.wall < TOKEN_MARGIN_MS;
}
