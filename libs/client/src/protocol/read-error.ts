import { ReachabilityError, type ReachabilityErrorCode } from '../errors.ts';
import type { ErrorFrame } from './server-frames.ts';

const CODES: ReadonlySet<string> = new Set<ReachabilityErrorCode>([
  'not_found',
  'invalid',
  'too_many_watched',
  'too_many_connections',
  'too_many_requests',
  'too_many_writes',
  'too_many_lookups',
  'no_service',
  'bad_frame',
  'unavailable',
]);

/** Returns the error in an `error` frame. Numeric codes are Twilio's token errors. */
export function readError({ code, message }: ErrorFrame): ReachabilityError {
  if (typeof code === 'number') {
    return new ReachabilityError('token_refused', message, { tokenError: code });
  }
  return isKnown(code)
    ? new ReachabilityError(code, message)
    : new ReachabilityError('protocol_error', `${code}: ${message}`);
}

function isKnown(code: string): code is ReachabilityErrorCode {
  return CODES.has(code);
}
