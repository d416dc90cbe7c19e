import {
  ReachabilityError,
  type ReachabilityErrorCode,
  type ReachabilityErrorDetails,
} from '../errors.ts';
import { CLOSE, closeAction } from '../protocol/close-codes.ts';
import { awaitToken, end, retry, retryLater } from './reconnection.ts';
import type { ConnectionState, ServerError } from './state.ts';
import { unchanged, type Effect, type Now, type Step } from './step.ts';

/** Twilio's number for an expired token. */
const TOKEN_EXPIRED = 20104;

/** Reacts to the close of the latest attempt's socket. */
export function handleClose(state: ConnectionState, code: number, now: Now): Step {
  const { phase } = state;
  if (phase.name === 'closing') return end(state, 'shut_down', 'The client was shut down');
  if (phase.name !== 'opening' && phase.name !== 'connected') return unchanged(state);
  const action = closeAction(code);
  // The timer that `move` set stays: it starts the next attempt.
  if (phase.name === 'connected' && phase.isMoving && action === 'resume') {
    return unchanged({ ...state, phase: { name: 'waiting' }, failures: 0 });
  }
  const error = closeError(code, state.serverError);
  switch (action) {
    case 'resume':
      return retry(state, error, now);
    case 'newConnection':
      return retry({ ...state, connectionSid: null }, error, now);
    case 'retryLater':
      return retryLater(state, error);
    case 'newToken':
      return handleTokenRefusal(state, error, now);
    case 'giveUp':
      return end(state, error.code, error.message, { closeCode: code });
  }
}

function handleTokenRefusal(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const hasExpired = state.phase.name === 'connected' || error.tokenError === TOKEN_EXPIRED;
  const expired: Effect[] = hasExpired ? [{ type: 'tokenExpired' }] : [];
  const step = state.canRefresh
    ? retry({ ...state, isTokenSpent: true }, error, now)
    : awaitToken(state, error);
  return { state: step.state, effects: [...expired, ...step.effects] };
}

const CODES: ReadonlyMap<number, readonly [ReachabilityErrorCode, string]> = new Map([
  [CLOSE.tooBig, ['bad_frame', 'The message is too long for the server']],
  [CLOSE.badFrame, ['bad_frame', 'The server does not understand this client']],
  [CLOSE.token, ['token_refused', 'The access token is refused or has expired']],
  [CLOSE.noService, ['no_service', 'The Service does not exist']],
  [CLOSE.userDeleted, ['user_deleted', 'The own User was deleted']],
  [CLOSE.closedByService, ['closed_by_service', 'The Connection was closed over REST']],
  [CLOSE.tooMany, ['too_many_connections', 'Too many connections or frames']],
]);

/** Returns the error of a close code. An `error` frame before it, if any, gives the message. */
function closeError(closeCode: number, serverError: ServerError | null): ReachabilityError {
  const [code, message] = CODES.get(closeCode) ?? ['connection_lost', 'The connection is lost'];
  const details: ReachabilityErrorDetails = { closeCode };
  if (serverError === null) return new ReachabilityError(code, message, details);
  if (typeof serverError.code === 'number') {
    const { code: tokenError } = serverError;
    return new ReachabilityError(code, serverError.message, { ...details, tokenError });
  }
  const isFrameLimit = closeCode === CLOSE.tooMany && serverError.code === 'too_many_requests';
  const limitCode = isFrameLimit ? 'too_many_requests' : code;
  return new ReachabilityError(limitCode, serverError.message, details);
}
