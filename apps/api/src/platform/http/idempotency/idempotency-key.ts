import { invalidParameter, type TwilioError } from '#twilio-wire/twilio-error';

/** Header of a request that may be sent again and must take effect once (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';
/** Header with the value `true` on an answer that is the repeated answer to an earlier request. */
export const IDEMPOTENCY_REPLAYED_HEADER = 'Idempotency-Replayed';

const MAX_CHARACTERS = 255;
/** A structured-field string (RFC 9651, section 3.3.3): printable ASCII; a backslash escapes itself and quotation marks. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
/** Visible ASCII without `"`, `,` and `;`: they delimit in structured fields, and Node joins repeated headers with commas. */
const BARE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]+$/;

/**
 * Returns the key in the value of the header. A bare key is the same key as a quoted one.
 *
 * @throws TwilioError 400 for a value that is malformed, empty or too long
 */
export function parseIdempotencyKey(value: string | readonly string[]): string {
  if (typeof value !== 'string') throw malformed();
  const quoted = QUOTED.exec(value)?.[1];
  const key = quoted?.replace(/\\(.)/g, '$1') ?? (BARE.test(value) ? value : '');
  if (key.length === 0) throw malformed();
  if (key.length > MAX_CHARACTERS) {
    throw invalidParameter(
      `${IDEMPOTENCY_KEY_HEADER} must have at most ${MAX_CHARACTERS} characters`,
    );
  }
  return key;
}

function malformed(): TwilioError {
  return invalidParameter(
    `${IDEMPOTENCY_KEY_HEADER} must be one string in quotation marks, or visible ASCII without quotation marks, commas and semicolons`,
  );
}
