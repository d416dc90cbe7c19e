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

/** The two properties of a User that tell its reachability. */
export const facts = {
  is_online: described(nullable(flag), 'Null where it is not known, and in every list.'),
  is_notifiable: described(nullable(flag), 'Null where it is not known, and in every list.'),
};

/** Properties of a Service that chat v1 and v2 share. */
export const service = {
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
  notifications: object({
    log_enabled: flag,
    new_message: notification,
    added_to_channel: notification,
    removed_from_channel: notification,
    invited_to_channel: notification,
  }),
  url,
};

/** Properties of a User that chat v1 and v2 share. */
export const user = {
  sid: sid('US'),
  account_sid: sid('AC'),
  service_sid: sid('IS'),
  role_sid: sid('RL'),
  identity: text,
  friendly_name: nullable(text),
  attributes: described(text, 'A JSON document, as text.'),
  ...facts,
  joined_channels_count: integer,
  date_created: date,
  date_updated: date,
  url,
};

/** A page of a list. */
export const list = (key: string, item: string): Schema =>
  object({ meta: ref('PageMeta'), [key]: listOf(ref(item)) });

/** Schemas of Twilio's resources, in exactly the shape of Twilio's API. */
export const TWILIO_SCHEMAS = {
  Error: object({
    code: described(integer, "Twilio's error code."),
    message: described(
      text,
      'What was wrong. Where a parameter is invalid, it begins with its name.',
    ),
    more_info: url,
    status: described(integer, 'The HTTP status.'),
  }),
  PageMeta: object({
    page: integer,
    page_size: integer,
    first_page_url: url,
    previous_page_url: nullable(url),
    url,
    next_page_url: described(nullable(url), 'URL of the next page; use it unchanged.'),
    key: described(text, 'Property of the answer that holds the rows.'),
  }),
  Service: object({
    ...service,
    pre_webhook_retry_count: integer,
    post_webhook_retry_count: integer,
    media: object({ size_limit_mb: integer, compatibility_message: text }),
    links: object({ channels: url, users: url, roles: url, bindings: url }),
  }),
  ServiceList: list('services', 'Service'),
  Role: object({
    sid: sid('RL'),
    account_sid: sid('AC'),
    service_sid: sid('IS'),
    friendly_name: text,
    type: oneOf('deployment', 'channel'),
    permissions: described(
      listOf(text),
      'Listed for compatibility; this service does not enforce them.',
    ),
    date_created: date,
    date_updated: date,
    url,
  }),
  RoleList: list('roles', 'Role'),
  ChannelList: object({
    meta: ref('PageMeta'),
    channels: described(listOf({ type: 'object' }), 'Empty: there are no Channels here.'),
  }),
  User: object({ ...user, links: object({ user_channels: url, user_bindings: url }) }),
  UserList: list('users', 'User'),
  Binding: object({ ...binding, links: object({ user: url }) }),
  BindingList: list('bindings', 'Binding'),
  UserBinding: object({ ...binding, user_sid: sid('US') }),
  UserBindingList: list('bindings', 'UserBinding'),
} as const satisfies Readonly<Record<string, Schema>>;
