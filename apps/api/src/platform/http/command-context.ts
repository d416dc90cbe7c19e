import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { uuidV5 } from '#domain';
import type { CommandContext } from '#event-store';
import { invalidParameter } from '#twilio-wire/twilio-error';

const MOST_CHARACTERS = 255;

/**
 * The context of the command that a request sends. With an `Idempotency-Key`, the command id is the same each time
 * the same caller sends the key to the same path.
 */
export const Context = createParamDecorator((_: unknown, context: ExecutionContext) =>
  commandContext(context.switchToHttp().getRequest<FastifyRequest>()),
);

function commandContext(request: FastifyRequest): CommandContext {
  const { method, id } = request;
  const actor = request.caller.sid;
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    return { commandId: randomUUID(), correlationId: id, actor: `key:${actor}` };
  }
  if (typeof key !== 'string' || key.length === 0 || key.length > MOST_CHARACTERS) {
    throw invalidParameter(`Idempotency-Key must be 1 to ${MOST_CHARACTERS} characters`);
  }
  const path = request.url.split('?')[0] ?? '';
  const commandId = uuidV5(`idempotency:${actor}\n${method}\n${path}\n${key}`);
  return { commandId, correlationId: id, actor: `key:${actor}` };
}
