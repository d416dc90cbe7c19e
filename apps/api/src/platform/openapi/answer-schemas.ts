import { DELIVERY_STATUSES } from '#operational-state';
import {
  date,
  described,
  flag,
  integer,
  listOf,
  nullable,
  object,
  oneOf,
  sid,
  text,
  url,
  type Schema,
} from './schema.ts';
import { facts, list, TWILIO_SCHEMAS } from './twilio-schemas.ts';

const stalenessBound = described(
  integer,
  'Milliseconds after which a client that fell silent counts as gone, at the latest.',
);

const reasonCode = oneOf('disabled', 'not_connected_since_enabled', 'online', 'offline');
const closeCause = oneOf('clean', 'abrupt', 'timeout', 'expired', 'node_lost', 'admin');
const version = described(
  text,
  '`<epoch>:<position>`: within an epoch, versions compare as strings.',
);

/** Every shape that the service answers with, by the name that clients generated from it know it by. */
export const ANSWER_SCHEMAS = {
  ...TWILIO_SCHEMAS,
  Connection: object({
    sid: sid('CN'),
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    user_sid: sid('US'),
    transport: oneOf('stream', 'twilsock', 'http'),
    device_id: nullable(text),
    ttl: described(nullable(integer), 'Seconds; null where a socket holds the Connection.'),
    date_created: date,
    date_expires: described(nullable(date), 'When it ends unless it is renewed.'),
    url,
  }),
  ConnectionList: list('connections', 'Connection'),
  Reachability: object(
    {
      sid: sid('US'),
      account_sid: sid('AC'),
      service_sid: sid('IS'),
      identity: text,
      ...facts,
      reason_code: reasonCode,
      reason: text,
      since: described(nullable(date), 'Since when this has been the answer.'),
      last_online: described(nullable(date), 'When a User that is offline was last known online.'),
      open_connections: integer,
      version,
      staleness_bound_ms: stalenessBound,
      url,
      as_of: described(date, 'Only with AsOf: the moment that the answer is of.'),
      last_seen: described(
        nullable(date),
        'Only with AsOf: when a client was last seen whose end was recorded later.',
      ),
    },
    ['as_of', 'last_seen'],
  ),
  ReachabilityInterval: object({
    from: date,
    until: described(nullable(date), 'Null while it lasts.'),
    ...facts,
    reason_code: reasonCode,
    cause: described(nullable(closeCause), 'Why a Connection closed, where that began it.'),
    version,
    event: object({
      type: text,
      position: text,
      actor: text,
      connection_sid: nullable(sid('CN')),
      binding_sid: nullable(sid('BS')),
      device_id: nullable(text),
      last_seen: nullable(date),
    }),
  }),
  ReachabilityHistory: list('history', 'ReachabilityInterval'),
  ReachabilityQuery: object({
    service_sid: sid('IS'),
    users: listOf(
      object({
        sid: sid('US'),
        identity: text,
        ...facts,
        reason_code: reasonCode,
        since: date,
        last_online: nullable(date),
        open_connections: integer,
        version,
      }),
    ),
    unknown: described(listOf(text), "Names that are no User's."),
    staleness_bound_ms: stalenessBound,
  }),
  ServiceReachability: object({
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    reachability_enabled: flag,
    grace_seconds: integer,
    staleness_bound_ms: stalenessBound,
    url,
  }),
  WebhookDelivery: object({
    sid: sid('WD'),
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    user_sid: sid('US'),
    event_type: oneOf('onUserAdded', 'onUserUpdated'),
    status: oneOf(...DELIVERY_STATUSES),
    attempts: integer,
    response_code: described(nullable(integer), 'HTTP status of the last answer.'),
    error: described(nullable(text), 'Why the last attempt failed.'),
    date_next_attempt: nullable(date),
    date_given_up: described(date, 'When no further attempt begins.'),
    date_created: date,
    date_updated: date,
    parameters: described({ type: 'object' }, 'What the request says.'),
    url,
  }),
  WebhookDeliveryList: list('deliveries', 'WebhookDelivery'),
  Token: object({ token: text, identity: text, service_sid: sid('IS'), expires_at: date }),
  Health: object({ status: oneOf('ok', 'catching_up', 'node_lost', 'stopping') }),
} as const satisfies Readonly<Record<string, Schema>>;

export type AnswerName = keyof typeof ANSWER_SCHEMAS;
