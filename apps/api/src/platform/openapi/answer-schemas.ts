import { API_KEY_SCOPES, WATCH_POLICIES } from '#domain';
import { DELIVERY_STATUSES } from '#operational-state';
import { CHAT_V1_SCHEMAS } from './chat-v1-schemas.ts';
import { CONVERSATIONS_SCHEMAS } from './conversations-schemas.ts';
import { OPERATIONS_SCHEMAS } from './operations-schemas.ts';
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
import { SUMMARY_SCHEMAS } from './summary-schemas.ts';
import { facts, list, TWILIO_SCHEMAS } from './twilio-schemas.ts';

const stalenessBound = described(
  nullable(integer),
  'Most milliseconds until a client that fell silent counts as gone. Null during the outage of a store.',
);

const storePart = object(
  {
    status: oneOf('ok', 'unwritable', 'unavailable'),
    since: described(date, 'Since when it is not ok.'),
    reason: described(text, 'Why it cannot be written.'),
    last_read_at: described(nullable(date), 'When it last answered a read of this process.'),
    last_write_at: described(nullable(date), 'When it last confirmed a write of this process.'),
  },
  ['since', 'reason'],
);

const reasonCode = oneOf('disabled', 'not_connected_since_enabled', 'online', 'offline');
const closeCause = oneOf('clean', 'abrupt', 'timeout', 'expired', 'node_lost', 'admin');
const version = described(
  text,
  '`<epoch>:<position>`. Versions of the same epoch compare as strings.',
);

const reachability = {
  sid: sid('US'),
  account_sid: sid('AC'),
  service_sid: sid('IS'),
  identity: text,
  ...facts,
  reason_code: reasonCode,
  reason: text,
  since: described(nullable(date), 'Since when the answer has been the same.'),
  last_online: described(nullable(date), 'When a User that is offline was last online.'),
  open_connections: integer,
  version,
  staleness_bound_ms: stalenessBound,
  url,
};

const event = {
  occurred_at: described(date, 'By the clock of the writer.'),
  type: text,
  description: text,
  cause: described(nullable(closeCause), 'Why a Connection closed.'),
  actor: described(text, 'Who caused it: an API key, a client or a node.'),
  source: described(nullable(text), 'The address of the client, where it is known.'),
  correlation_id: text,
  causation_id: text,
  trace_id: described(
    nullable(text),
    'The trace (W3C Trace Context) in which it was written, where it is known.',
  ),
  stream: text,
  revision: integer,
  position: text,
  id: text,
  data: described({ type: 'object' }, 'Its payload, without passwords in URLs.'),
};

const apiKey = {
  sid: sid('SK'),
  account_sid: sid('AC'),
  friendly_name: text,
  scopes: listOf(oneOf(...API_KEY_SCOPES)),
  services: described(nullable(listOf(sid('IS'))), 'Null where the key is not limited.'),
  date_created: date,
  date_updated: date,
  date_expires: described(nullable(date), 'Null where the key does not expire.'),
  previous_secret_expires: described(
    nullable(date),
    'Until when the secret before the last rotation is valid; null where it ended at once.',
  ),
  last_used: described(nullable(date), 'To the minute; null before the first use.'),
  url,
};

/** Schemas of all answers, by the names that generated clients give them. */
export const ANSWER_SCHEMAS = {
  ...TWILIO_SCHEMAS,
  ...CHAT_V1_SCHEMAS,
  ...CONVERSATIONS_SCHEMAS,
  ...OPERATIONS_SCHEMAS,
  ...SUMMARY_SCHEMAS,
  Connection: object({
    sid: sid('CN'),
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    user_sid: sid('US'),
    transport: oneOf('stream', 'twilsock', 'http'),
    device_id: nullable(text),
    ttl: described(nullable(integer), 'In seconds; null where a node holds the socket.'),
    date_created: date,
    date_expires: described(nullable(date), 'When the Connection ends unless it is renewed.'),
    url,
  }),
  ConnectionList: list('connections', 'Connection'),
  Reachability: object(
    {
      ...reachability,
      as_of: described(date, 'Only with AsOf: the moment that the answer is for.'),
      last_seen: described(
        nullable(date),
        'Only with AsOf: the last sign of life of a client whose close was recorded later.',
      ),
    },
    ['as_of', 'last_seen'],
  ),
  Explanation: object({
    ...reachability,
    as_of: described(nullable(date), 'The moment that the answer is for; null for the present.'),
    bindings: integer,
    events: described(
      listOf(object({ because: text, time: date, ...event })),
      'The events that led to the answer, oldest first, with the times at which they took effect.',
    ),
  }),
  Event: object(event),
  EventList: list('events', 'Event'),
  Revocation: object({
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    user_sid: sid('US'),
    revoked_at: date,
    tokens_issued_before: described(date, 'Access tokens issued before this time are refused.'),
  }),
  ReachabilityInterval: object({
    from: date,
    until: described(nullable(date), 'Null for the current interval.'),
    ...facts,
    reason_code: reasonCode,
    cause: described(
      nullable(closeCause),
      'Why a Connection closed, where that began the interval.',
    ),
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
    unknown: described(listOf(text), 'Names without a User.'),
    staleness_bound_ms: stalenessBound,
  }),
  ServiceReachability: object({
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    reachability_enabled: flag,
    grace_seconds: integer,
    watch_policy: oneOf(...WATCH_POLICIES),
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
    date_given_up: described(date, 'No attempt begins after this time.'),
    date_created: date,
    date_updated: date,
    parameters: described({ type: 'object' }, 'Parameters of the webhook request.'),
    url,
  }),
  WebhookDeliveryList: list('deliveries', 'WebhookDelivery'),
  ApiKey: object(apiKey),
  IssuedApiKey: object({
    ...apiKey,
    secret: described(text, 'Shown only in this answer.'),
  }),
  ApiKeyList: list('api_keys', 'ApiKey'),
  Token: object({ token: text, identity: text, service_sid: sid('IS'), expires_at: date }),
  Live: object({ status: oneOf('ok') }),
  Health: object(
    {
      status: oneOf(
        'ok',
        'starting',
        'catching_up',
        'log_restored',
        'event_store_unavailable',
        'event_store_unwritable',
        'read_model_unavailable',
        'database_unavailable',
        'node_lost',
        'stopping',
      ),
      reason: text,
      parts: object(
        {
          event_store: storePart,
          read_model: storePart,
          state: storePart,
          database: storePart,
        },
        ['read_model', 'state', 'database'],
      ),
    },
    ['reason', 'parts'],
  ),
} as const satisfies Readonly<Record<string, Schema>>;

export type AnswerName = keyof typeof ANSWER_SCHEMAS;
