import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { uuidV5 } from '#domain';
import { parseTraceParent, toRecordedTrace, type CommandContext } from '#event-store';
import { idempotentRequest } from './idempotency/idempotent-request.ts';

/**
 * The context of the command that a request sends. The command id of a request with an `Idempotency-Key` derives from
 * the key, its scope and the request: if the process dies after the append, a repeated request appends nothing.
 */
export const Context = createParamDecorator((_: unknown, context: ExecutionContext) =>
  commandContext(context.switchToHttp().getRequest<FastifyRequest>()),
);

function commandContext(request: FastifyRequest): CommandContext {
  const { caller, id, source } = request;
  const idempotent = idempotentRequest(request);
  const commandId =
    idempotent === null
      ? randomUUID()
      : uuidV5(`idempotency:${idempotent.scopedKey}\n${idempotent.fingerprint}`);
  const parent = parseTraceParent(request.headers['traceparent']);
  const known = {
    ...(source === null ? {} : { source }),
    ...(parent === null ? {} : { trace: toRecordedTrace(parent) }),
  };
  return { commandId, correlationId: id, actor: `key:${caller.sid}`, ...known };
}
