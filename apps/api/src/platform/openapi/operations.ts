import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from './decorators.ts';
import {
  IDEMPOTENCY_KEY_HEADER,
  IDEMPOTENCY_REPLAYED_HEADER,
} from '../http/idempotency/idempotency-key.ts';
import { IdempotencyInterceptor } from '../http/idempotency/idempotency.interceptor.ts';
import {
  READ_MODEL_HEADER,
  READ_MODEL_SINCE_HEADER,
} from '../http/consistency/read-model-header.ts';
import { VERSION_HEADER } from '../http/consistency/version-header.ts';
import { ReadsAfterWritesInterceptor } from '../http/consistency/reads-after-writes.interceptor.ts';
import type { AnswerName } from './answer-schemas.ts';
import { CHANGES_EXAMPLE } from './changes-example.ts';
import { ref } from './schema.ts';

const ERRORS: Readonly<Record<number, string>> = {
  400: 'A parameter is missing or invalid; the message begins with its name.',
  401: 'The credentials are missing or wrong (20003).',
  403: 'The API key lacks the scope, or is limited to other Services (20403).',
  404: 'There is no such resource (20404).',
  409: 'The resource already exists, or a request with this Idempotency-Key is under way (20409).',
  413: 'The body is too large.',
  415: 'The body is neither form-encoded nor JSON.',
  422: 'The Idempotency-Key was used for another request (20422).',
  429: 'Too many wrong credentials came from this address (20429).',
  503: 'The service is not available now; try again.',
};

const errors = (...statuses: readonly number[]): MethodDecorator[] =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: ERRORS[status] ?? '',
      content: { 'application/json': { schema: ref('Error') } },
    }),
  );

/** Documents an operation that only reads. */
export const Reads = (
  summary: string,
  answer: AnswerName,
  ...more: readonly number[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({
      name: VERSION_HEADER,
      description: 'The answer shows at least this version, or says that it is behind.',
      required: false,
      schema: { type: 'string' },
    }),
    ApiResponse({
      status: 200,
      description: 'Found.',
      headers: {
        [READ_MODEL_HEADER]: {
          description: '`behind` where the answer may not show the latest writes.',
          schema: { type: 'string' },
        },
        [READ_MODEL_SINCE_HEADER]: {
          description: 'During the outage of a store: since when the answer may be stale.',
          schema: { type: 'string', format: 'date-time' },
        },
      },
      content: { 'application/json': { schema: ref(answer) } },
    }),
    ...errors(400, 401, 403, 404, ...more, 429, 503),
  );

/** Documents an operation whose answer is a stream of Server-Sent Events. */
export const Follows = (summary: string): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Last-Event-ID',
      description: 'The id of the last event that the reader got; the feed goes on after it.',
      required: false,
      schema: { type: 'string' },
    }),
    ApiResponse({
      status: 200,
      description: 'The stream, which does not end by itself.',
      content: { 'text/event-stream': { schema: { type: 'string' }, example: CHANGES_EXAMPLE } },
    }),
    ...errors(400, 401, 403, 404, 429, 503),
  );

/**
 * Documents an operation that writes, carries it out once for an `Idempotency-Key`, and holds its answer until reads see
 * the write. The method returns a `WriteResult`. Without an answer the operation is a deletion.
 */
export const Writes = (
  summary: string,
  status: 200 | 201 | 202 | 204,
  answer: AnswerName | null,
  ...more: readonly number[]
): MethodDecorator =>
  applyDecorators(
    UseInterceptors(IdempotencyInterceptor, ReadsAfterWritesInterceptor),
    ApiOperation({ summary }),
    ApiHeader({
      name: IDEMPOTENCY_KEY_HEADER,
      description:
        'Lets you repeat the request safely: it takes effect once, and a repeated request gets the same answer. One string, bare or in quotation marks.',
      required: false,
      schema: { type: 'string', minLength: 1 },
    }),
    ApiResponse({
      status,
      description: status === 202 ? 'Asked for.' : 'Written.',
      headers: {
        [VERSION_HEADER]: {
          description: 'The version of the write; absent where nothing was ever written.',
          schema: { type: 'string' },
        },
        [READ_MODEL_HEADER]: {
          description: '`behind` where other reads may not show this write yet.',
          schema: { type: 'string' },
        },
        [IDEMPOTENCY_REPLAYED_HEADER]: {
          description: '`true` where this is the answer to an earlier request with the same key.',
          schema: { type: 'string' },
        },
      },
      ...(answer === null ? {} : { content: { 'application/json': { schema: ref(answer) } } }),
    }),
    ...errors(
      400,
      401,
      403,
      404,
      409,
      ...more,
      ...(answer === null ? [] : [413, 415]),
      422,
      429,
      503,
    ),
  );

/** Documents a probe, which needs no credentials. */
export const Probes = (
  summary: string,
  answer: 'Live' | 'Health',
  ...more: readonly number[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ...[200, ...more].map((status) =>
      ApiResponse({
        status,
        description: status === 200 ? 'Yes.' : 'Not yet.',
        content: { 'application/json': { schema: ref(answer) } },
      }),
    ),
  );
