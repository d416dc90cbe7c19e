import { DomainError } from './errors.ts';
import { isSid } from './sids.ts';

/** Longest identity, in Unicode code points. */
export const IDENTITY_MAX_LENGTH = 512;

/** True for more than 512 code points. Its time does not grow with longer text. */
export function isTooLongForIdentity(text: string): boolean {
  if (text.length <= IDENTITY_MAX_LENGTH) return false;
  return text.length > 2 * IDENTITY_MAX_LENGTH || Array.from(text).length > IDENTITY_MAX_LENGTH;
}

/**
 * Throws unless the identity has 1 to 512 code points, neither U+0000 nor a lone surrogate among them, and does not
 * look like a User sid, which would make paths ambiguous (Twilio's error 50206).
 *
 * @throws DomainError `IDENTITY.*`
 */
export function assertIdentity(identity: string): void {
  if (identity.length === 0) throw new DomainError('IDENTITY.EMPTY', 'Identity must not be empty');
  if (isTooLongForIdentity(identity)) {
    throw new DomainError(
      'IDENTITY.TOO_LONG',
      `Identity must be at most ${IDENTITY_MAX_LENGTH} characters`,
    );
  }
  if (identity.includes('\u0000') || !identity.isWellFormed()) {
    throw new DomainError(
      'IDENTITY.INVALID_CHARACTER',
      'Identity must not contain U+0000 or a lone surrogate',
    );
  }
  if (isSid('US', identity)) {
    throw new DomainError('IDENTITY.LOOKS_LIKE_SID', 'Identity must not look like a User sid');
  }
}
