import type { FastifyReply } from 'fastify';
import type { StoredAnswer } from '#operational-state';
import { TwilioError } from '#twilio-wire/twilio-error';
import { secretNotStored } from './idempotency-errors.ts';
import { IDEMPOTENCY_REPLAYED_HEADER } from './idempotency-key.ts';
import { READ_MODEL_HEADER } from '../consistency/read-model-header.ts';
import { VERSION_HEADER } from '../consistency/version-header.ts';

/** Headers that are stored with an answer. The others belong to the exchange, not to what was done. */
const STORED_HEADERS = ['location', VERSION_HEADER.toLowerCase(), READ_MODEL_HEADER.toLowerCase()];
/** Errors of the client after which the same request can succeed. */
const TRANSIENT = new Set([401, 403, 408, 409, 425, 429]);

/** True for an error that the same request gets each time. */
export function isFinal({ status }: TwilioError): boolean {
  return status < 500 && !TRANSIENT.has(status);
}

/** Returns what to store of the answer to a request that succeeded. */
export function successAnswer(reply: FastifyReply, body: unknown, isSecret: boolean): StoredAnswer {
  const headers = STORED_HEADERS.flatMap((name) => {
    const value = reply.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const hasBody = body !== undefined && !isSecret;
  return {
    status: reply.statusCode,
    headers: Object.fromEntries(headers),
    body: hasBody ? JSON.stringify(body) : null,
  };
}

/** Returns what to store of an error. */
export function errorAnswer({ status, body }: TwilioError): StoredAnswer {
  return { status, headers: {}, body: JSON.stringify(body) };
}

/**
 * Gives a stored answer again: marks the reply and returns the body.
 *
 * @throws TwilioError for a stored error, and 409 for an answer that held a secret
 */
export function replay(
  { status, headers, body }: StoredAnswer,
  reply: FastifyReply,
  isSecret: boolean,
): unknown {
  const isError = status >= 400;
  if (isSecret && !isError) throw secretNotStored();
  void reply.headers({ ...headers, [IDEMPOTENCY_REPLAYED_HEADER]: 'true' });
  const content: unknown = body === null ? undefined : JSON.parse(body);
  if (isError) {
    const { code, message } = content as TwilioError['body'];
    throw new TwilioError(status, code, message);
  }
  void reply.status(status);
  return content;
}
