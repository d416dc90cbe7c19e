import {
  ReachabilityError,
  type ReachabilityErrorCode,
  type ReachabilityErrorDetails,
} from '../errors.ts';
import { CLOSE, verdictOn } from '../protocol/close-codes.ts';
import { deny, end, lost, lostForLonger } from './attempts.ts';
import type { Complaint, ConnectionState } from './state.ts';
import { stay, type Effect, type Now, type Step } from './step.ts';

/** Twilio's number for a token that has expired. */
const TOKEN_EXPIRED = 20104;

/** What follows when the socket of the latest attempt has closed. */
export function closed(state: ConnectionState, code: number, now: Now): Step {
  const { phase } = state;
  if (phase.name === 'leaving') return end(state, 'shut_down', 'The client was shut down');
  if (phase.name !== 'opening' && phase.name !== 'attached') return stay(state);
  // The alarm that `move` set goes on ringing for the next attempt.
  if (phase.name === 'attached' && phase.isMoving && verdictOn(code) === 'again') {
    return stay({ ...state, phase: { name: 'waiting' }, failures: 0 });
  }
  const error = closeError(code, state.complaint);
  switch (verdictOn(code)) {
    case 'again':
      return lost(state, error, now);
    case 'anew':
      return lost({ ...state, connectionSid: null }, error, now);
    case 'later':
      return lostForLonger(state, error);
    case 'token':
      return refused(state, error, now);
    case 'never':
      return end(state, error.code, error.message, { closeCode: code });
  }
}

function refused(state: ConnectionState, error: ReachabilityError, now: Now): Step {
  const hasExpired = state.phase.name === 'attached' || error.tokenError === TOKEN_EXPIRED;
  const first: Effect[] = hasExpired ? [{ type: 'tokenExpired' }] : [];
  const step = state.canRefresh
    ? lost({ ...state, isTokenSpent: true }, error, now)
    : deny(state, error);
  return { state: step.state, effects: [...first, ...step.effects] };
}

const CODES: ReadonlyMap<number, readonly [ReachabilityErrorCode, string]> = new Map([
  [CLOSE.tooBig, ['bad_frame', 'The server takes no message as long as that']],
  [CLOSE.badFrame, ['bad_frame', 'The server does not understand this client']],
  [CLOSE.token, ['token_refused', 'The access token is refused or has expired']],
  [CLOSE.noService, ['no_service', 'There is no such Service']],
  [CLOSE.userDeleted, ['user_deleted', 'The own User was deleted']],
  [CLOSE.closedByService, ['closed_by_service', 'The Connection was closed over REST']],
  [CLOSE.tooMany, ['too_many_connections', 'There are too many connections, or frames']],
]);

/** The error of a close code, in the words of the frame that came before it where there was one. */
function closeError(closeCode: number, complaint: Complaint | null): ReachabilityError {
  const [code, message] = CODES.get(closeCode) ?? ['connection_lost', 'The connection is lost'];
  const details: ReachabilityErrorDetails = { closeCode };
  if (complaint === null) return new ReachabilityError(code, message, details);
  if (typeof complaint.code === 'number') {
    const { code: tokenError } = complaint;
    return new ReachabilityError(code, complaint.message, { ...details, tokenError });
  }
  const isLimit = closeCode === CLOSE.tooMany && complaint.code === 'too_many_requests';
  return new ReachabilityError(isLimit ? 'too_many_requests' : code, complaint.message, details);
}
