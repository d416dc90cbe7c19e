import {
  integer,
  integerOrNull,
  oneOf,
  text,
  textOrNull,
  type SqlRow,
} from '#projections/adapters/sqlite/columns';
import { DELIVERY_STATUSES, type Delivery } from '../../../webhooks/webhook-delivery.ts';

export function toDelivery(row: SqlRow): Delivery {
  const claimed = row['claim'] !== null;
  return {
    position: text(row, 'position'),
    sid: text(row, 'sid'),
    idempotencyToken: text(row, 'idempotency_token'),
    serviceSid: text(row, 'service_sid'),
    userSid: text(row, 'user_sid'),
    eventType: text(row, 'event_type'),
    parameters: toParameters(text(row, 'parameters')),
    giveUpAt: integer(row, 'give_up_at'),
    status: oneOf(row, 'status', DELIVERY_STATUSES),
    attempts: integer(row, 'attempts'),
    responseCode: integerOrNull(row, 'response_code'),
    error: textOrNull(row, 'error'),
    // Of a claimed one it is the end of the lease, which is nobody's plan.
    nextAttemptAt: claimed ? null : integerOrNull(row, 'due'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  };
}

/** Written by this program alone, as a list of pairs. */
function toParameters(json: string): [string, string][] {
  return JSON.parse(json) as [string, string][];
}
