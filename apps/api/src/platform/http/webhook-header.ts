import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { invalidParameter } from '#twilio-wire/twilio-error';

/** Twilio's header by which a REST write asks for the webhook that it would not call otherwise. */
export const WEBHOOK_HEADER = 'X-Twilio-Webhook-Enabled';

/** Whether the request carries the header with `true`; without it, no. */
export const WebhookEnabled = createParamDecorator((_: unknown, context: ExecutionContext) =>
  webhookEnabled(context.switchToHttp().getRequest<FastifyRequest>()),
);

function webhookEnabled({ headers }: FastifyRequest): boolean {
  const value = headers[WEBHOOK_HEADER.toLowerCase()];
  const said = typeof value === 'string' ? value.toLowerCase() : value;
  if (said === undefined || said === 'false') return false;
  if (said === 'true') return true;
  throw invalidParameter(`${WEBHOOK_HEADER} must be true or false`);
}

/** Documents the header on an operation that reads it. */
export const MayCallWebhook = (): MethodDecorator =>
  ApiHeader({
    name: WEBHOOK_HEADER,
    description: "Whether this write calls the Service's PostWebhookUrl.",
    required: false,
    schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
  });
