import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { READ_MODEL_HEADER } from '../http/reads-after-writes.ts';
import type { AnswerName } from './answer-schemas.ts';
import { ref } from './schema.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'A parameter is missing or wrong; the message begins with its name.',
  401: 'The credentials are missing or wrong (20003).',
  404: 'There is no such resource (20404).',
  409: 'It exists already.',
  413: 'The body is too large.',
  415: 'The body is neither form-encoded nor JSON.',
  503: 'The service cannot do it now; try again.',
};

const refusals = (...statuses: readonly number[]): MethodDecorator[] =>
  statuses.map((status) =>
    ApiResponse({
      status,
      description: REFUSALS[status] ?? '',
      content: { 'application/json': { schema: ref('Error') } },
    }),
  );

const behind = {
  [READ_MODEL_HEADER]: {
    description: '`behind` where other reads may not show this write yet.',
    schema: { type: 'string' as const },
  },
};

/** Documents an operation that only reads. */
export const Reads = (
  summary: string,
  answer: AnswerName,
  ...more: readonly number[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiResponse({
      status: 200,
      description: 'Found.',
      content: { 'application/json': { schema: ref(answer) } },
    }),
    ...refusals(400, 401, 404, ...more, 503),
  );

/** Documents an operation that writes; without an answer it is a deletion. */
export const Writes = (
  summary: string,
  status: 200 | 201 | 204,
  answer: AnswerName | null,
  ...more: readonly number[]
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      description: 'Sent again with the same key, the request changes nothing.',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    ApiResponse({
      status,
      description: 'Written.',
      headers: behind,
      ...(answer === null ? {} : { content: { 'application/json': { schema: ref(answer) } } }),
    }),
    ...refusals(400, 401, 404, ...more, ...(answer === null ? [] : [413, 415]), 503),
  );

/** Documents a probe, which needs no credentials. */
export const Probes = (summary: string, ...more: readonly number[]): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    ...[200, ...more].map((status) =>
      ApiResponse({
        status,
        description: status === 200 ? 'Yes.' : 'Not yet.',
        content: { 'application/json': { schema: ref('Health') } },
      }),
    ),
  );
