import { HttpException } from '@nestjs/common';
import { DomainError, EventError, type DomainErrorCode } from '#domain';
import { EventStoreError } from '#event-store';
import { OperationalStateUnavailableError } from '#operational-state';
import { DatabaseUnavailableError } from '#postgres/errors';
import { JobConflictError } from '#shared/use-cases/projection-jobs/job-errors';
import { ForbiddenError, RefusedError } from '#shared/use-cases/refused-error';
import { invalidParameter, notFound, TwilioError } from '#twilio-wire/twilio-error';
import { LimitExceededError } from '../../limit-exceeded-error.ts';
import { RETRY_AFTER_SECONDS } from '../retry-after.ts';

/** Status and Twilio's code for each error of the domain; the message is the domain's own. */
const DOMAIN_ERRORS: Readonly<Record<DomainErrorCode, readonly [number, number] | 'not_found'>> = {
  'SERVICE.ALREADY_EXISTS': [409, 20409],
  'SERVICE.NOT_FOUND': 'not_found',
  'ROLE.NOT_FOUND': 'not_found',
  'ROLE.TOO_MANY': [400, 20001],
  'USER.ALREADY_EXISTS': [409, 50201],
  'USER.NOT_FOUND': 'not_found',
  'TOKEN.REVOKED': [401, 20101],
  'GRANT.INVALID': [400, 20001],
  'CONNECTION.ALREADY_EXISTS': [409, 20409],
  'CONNECTION.NOT_FOUND': 'not_found',
  'BINDING.NOT_FOUND': 'not_found',
  'KEY.ALREADY_EXISTS': [409, 20409],
  'KEY.NOT_FOUND': 'not_found',
  'NODE.INCARNATION_ENDED': [503, 20503],
  'IDENTITY.EMPTY': [400, 20001],
  'IDENTITY.TOO_LONG': [400, 50207],
  'IDENTITY.INVALID_CHARACTER': [400, 20001],
  'IDENTITY.LOOKS_LIKE_SID': [400, 50206],
};

/** Errors of a store that may work again soon. */
const UNAVAILABLE = [
  EventStoreError,
  EventError,
  OperationalStateUnavailableError,
  DatabaseUnavailableError,
] as const;

const RETRY_LATER = { 'Retry-After': String(RETRY_AFTER_SECONDS) };

const MEDIA_TYPES = 'Content-Type must be application/x-www-form-urlencoded or application/json';

/** Status and message for a request that Fastify cannot read, by its error code. */
const REQUEST_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'Request body is too large'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'Request body must not be empty'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'Content-Length does not match the request body'],
  FST_ERR_BAD_URL: [400, 'Path is not properly percent-encoded'],
};

interface MappedError {
  readonly answer: TwilioError;
  readonly headers: Readonly<Record<string, string>>;
  readonly unexpected: boolean;
}

/** The answer to an error, further headers of it, and whether the error is a fault of this service. */
export function toTwilioError(error: unknown, path: string): MappedError {
  const expected = (answer: TwilioError) => ({
    answer,
    headers: answer.status === 503 ? RETRY_LATER : {},
    unexpected: false,
  });
  if (error instanceof TwilioError) return expected(error);
  if (error instanceof DomainError) {
    const mapped = DOMAIN_ERRORS[error.code];
    return expected(
      mapped === 'not_found' ? notFound(path) : new TwilioError(...mapped, error.message),
    );
  }
  if (error instanceof LimitExceededError) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) };
    return { ...expected(new TwilioError(429, 20429, error.message)), headers };
  }
  if (error instanceof ForbiddenError) return expected(new TwilioError(403, 20403, error.message));
  if (error instanceof JobConflictError) {
    return expected(new TwilioError(409, 20409, error.message));
  }
  if (error instanceof RefusedError) return expected(invalidParameter(error.message));
  if (UNAVAILABLE.some((type) => error instanceof type)) {
    return {
      answer: new TwilioError(503, 20503, 'Service unavailable'),
      headers: RETRY_LATER,
      unexpected: true,
    };
  }
  const request = REQUEST_ERRORS[codeOf(error)];
  if (request !== undefined) return expected(new TwilioError(request[0], 20001, request[1]));
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status === 404) return expected(notFound(path));
  if (status === 415) return expected(new TwilioError(status, 20001, MEDIA_TYPES));
  if (status >= 400 && status < 500) {
    const message = error instanceof Error ? error.message : 'Bad request';
    return expected(new TwilioError(status, 20001, message));
  }
  return {
    answer: new TwilioError(500, 20500, 'Internal server error'),
    headers: {},
    unexpected: true,
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' ? status : 500;
}
