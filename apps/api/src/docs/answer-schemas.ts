import {
  date,
  described,
  flag,
  integer,
  listOf,
  nullable,
  object,
  oneOf,
  ref,
  sid,
  text,
  url,
  type Schema,
} from './schema.ts';

const notification = object(
  { enabled: flag, template: text, sound: text, badge_count_enabled: flag },
  ['template', 'sound', 'badge_count_enabled'],
);

const binding = {
  sid: sid('BS'),
  account_sid: sid('AC'),
  service_sid: sid('IS'),
  date_created: date,
  date_updated: date,
  endpoint: text,
  identity: text,
  credential_sid: nullable(sid('CR')),
  binding_type: oneOf('apn', 'fcm', 'gcm'),
  message_types: listOf(text),
  url,
};

const facts = {
  is_online: described(nullable(flag), 'Null where there is no answer, and in every list.'),
  is_notifiable: described(nullable(flag), 'Null where there is no answer, and in every list.'),
};

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

const list = (key: string, item: string): Schema =>
  object({ meta: ref('PageMeta'), [key]: listOf(ref(item)) });

/** Every shape that the service answers with, by the name that clients generated from it know it by. */
export const ANSWER_SCHEMAS = {
  Error: object({
    code: described(integer, "Twilio's error code."),
    message: described(text, 'What was wrong; for a parameter it begins with its name.'),
    more_info: url,
    status: described(integer, 'The HTTP status.'),
  }),
  PageMeta: object({
    page: integer,
    page_size: integer,
    first_page_url: url,
    previous_page_url: nullable(url),
    url,
    next_page_url: described(nullable(url), 'To be followed as it is.'),
    key: described(text, 'Name of the array beside this.'),
  }),
  Service: object({
    sid: sid('IS'),
    account_sid: sid('AC'),
    friendly_name: text,
    date_created: date,
    date_updated: date,
    default_service_role_sid: sid('RL'),
    default_channel_role_sid: sid('RL'),
    default_channel_creator_role_sid: sid('RL'),
    read_status_enabled: flag,
    reachability_enabled: flag,
    typing_indicator_timeout: integer,
    consumption_report_interval: integer,
    limits: object({ channel_members: integer, user_channels: integer }),
    pre_webhook_url: nullable(url),
    post_webhook_url: nullable(url),
    webhook_method: nullable(text),
    webhook_filters: nullable(listOf(text)),
    pre_webhook_retry_count: integer,
    post_webhook_retry_count: integer,
    notifications: object({
      log_enabled: flag,
      new_message: notification,
      added_to_channel: notification,
      removed_from_channel: notification,
      invited_to_channel: notification,
    }),
    media: object({ size_limit_mb: integer, compatibility_message: text }),
    url,
    links: object({ channels: url, users: url, roles: url, bindings: url }),
  }),
  ServiceList: list('services', 'Service'),
  User: object({
    sid: sid('US'),
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    role_sid: sid('RL'),
    identity: text,
    friendly_name: nullable(text),
    attributes: described(text, 'A JSON document as text.'),
    ...facts,
    joined_channels_count: integer,
    date_created: date,
    date_updated: date,
    links: object({ user_channels: url, user_bindings: url }),
    url,
  }),
  UserList: list('users', 'User'),
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
  Binding: object({ ...binding, links: object({ user: url }) }),
  BindingList: list('bindings', 'Binding'),
  UserBinding: object({ ...binding, user_sid: sid('US') }),
  UserBindingList: list('bindings', 'UserBinding'),
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
  Token: object({ token: text, identity: text, service_sid: sid('IS'), expires_at: date }),
  Health: object({ status: oneOf('ok', 'catching_up') }),
} as const satisfies Readonly<Record<string, Schema>>;

export type AnswerName = keyof typeof ANSWER_SCHEMAS;
