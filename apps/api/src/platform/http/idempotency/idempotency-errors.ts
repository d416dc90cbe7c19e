import { TwilioError } from '#twilio-wire/twilio-error';
import { IDEMPOTENCY_KEY_HEADER } from './idempotency-key.ts';

/** 422 for a key that was sent with another request. */
export function usedForAnotherRequest(): TwilioError {
  return new TwilioError(
    422,
    20422,
    `${IDEMPOTENCY_KEY_HEADER} was used for another request: send a new key`,
  );
}

/** 409 while the first request with the key is under way. */
export function underWay(): TwilioError {
  return new TwilioError(
    409,
    20409,
    `${IDEMPOTENCY_KEY_HEADER} belongs to a request that is under way: try again`,
  );
}

/** 409 for a repeated request whose answer held a secret. */
export function secretNotStored(): TwilioError {
  return new TwilioError(
    409,
    20410,
    `${IDEMPOTENCY_KEY_HEADER} belongs to a request that succeeded, and its answer held a secret, which is not stored`,
  );
}
