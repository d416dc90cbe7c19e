import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { invalidParameter } from '#twilio-wire/twilio-error';
import { ApiHeader } from '../../openapi/decorators.ts';

/** Twilio's header with which a REST write calls the webhook; without it, REST writes call none. */
export const WEBHOOK_HEADER = 'X-Twilio-Webhook-Enabled';

/** True where the request has the header with the value `true`. */
export const WebhookEnabled = createParamDecorator((_: unknown, context: ExecutionContext) =>
  webhookEnabled(context.switchToHttp().getRequest<FastifyRequest>()),
);

function webhookEnabled({ headers }: FastifyRequest): boolean {
  const value = headers[WEBHOOK_HEADER.toLowerCase()];
  const flag = typeof value === 'string' ? value.toLowerCase() : value;
  if (flag === undefined || flag === 'false') return false;
  if (flag === 'true') return true;
  throw invalidParameter(`${WEBHOOK_HEADER} must be true or false`);
}

/** Documents the header on an operation. */
export const MayCallWebhook = (): MethodDecorator =>
  ApiHeader({
    name: WEBHOOK_HEADER,
    description: "Whether this write calls the Service's PostWebhookUrl.",
    required: false,
    schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
  });
