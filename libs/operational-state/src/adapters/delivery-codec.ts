import {
  integer,
  integerOrNull,
  oneOf,
  text,
  textOrNull,
  type SqlRow,
} from '#projections/adapters/columns';
import {
  DELIVERY_STATUSES,
  type Delivery,
  type NewDelivery,
} from '../webhooks/webhook-delivery.ts';

/** Returns the delivery in a row of `webhook_deliveries`. */
export function toDelivery(row: SqlRow): Delivery {
  const claimed = row['claim'] !== null;
  return {
    position: text(row, 'position'),
    sid: text(row, 'sid'),
    idempotencyToken: text(row, 'idempotency_token'),
    serviceSid: text(row, 'service_sid'),
    userSid: text(row, 'user_sid'),
    eventType: text(row, 'event_type'),
    // Only this program writes it.
    parameters: JSON.parse(text(row, 'parameters')) as [string, string][],
    giveUpAt: integer(row, 'give_up_at'),
    status: oneOf(row, 'status', DELIVERY_STATUSES),
    attempts: integer(row, 'attempts'),
    responseCode: integerOrNull(row, 'response_code'),
    error: textOrNull(row, 'error'),
    // While claimed, `due` is the end of the claim.
    nextAttemptAt: claimed ? null : integerOrNull(row, 'due'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
  };
}

/** Returns the trace in a row with `trace_parent`. */
export function toTraceParent(row: SqlRow | undefined): Pick<NewDelivery, 'traceParent'> {
  const traceParent = row === undefined ? null : textOrNull(row, 'trace_parent');
  return traceParent === null ? {} : { traceParent };
}
