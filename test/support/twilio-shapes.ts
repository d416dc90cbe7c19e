import { Type, type TObject, type TProperties, type TSchema } from 'typebox';
import { Compile } from 'typebox/schema';

type Version = 'v1' | 'v2';

/** An object with exactly these properties. */
const exactly = <T extends TProperties>(properties: T): TObject<T> =>
  Type.Object(properties, { additionalProperties: false });
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const sid = (prefix: string) => Type.String({ pattern: `^${prefix}[0-9a-f]{32}$` });
/** UTC, to the second. */
const date = Type.String({
  pattern: '^\\d{4}-(0[1-9]|1[0-2])-([0-2]\\d|3[01])T([01]\\d|2[0-3])(:[0-5]\\d){2}Z$',
});
const count = Type.Integer({ minimum: 0 });
const fact = orNull(Type.Boolean());

/**
 * Exact shapes of Twilio's chat API with formats, from its published descriptions and its helper.
 *
 * @param origin start of every link
 */
function schemas(origin: string, version: Version) {
  const link = (path: string) =>
    Type.String({ pattern: `^${escaped(origin)}/${version}/${path}$` });
  const only = (of: Version, properties: TProperties) => (version === of ? properties : {});
  const service = 'Services/IS[0-9a-f]{32}';
  const user = `${service}/Users/US[0-9a-f]{32}`;
  const owned = { account_sid: sid('AC'), service_sid: sid('IS') };
  const dated = { date_created: date, date_updated: date };

  const notification = {
    enabled: Type.Boolean(),
    template: Type.Optional(Type.String()),
    sound: Type.Optional(Type.String()),
  };
  const Service = exactly({
    sid: sid('IS'),
    account_sid: sid('AC'),
    friendly_name: Type.String({ minLength: 1, maxLength: 256 }),
    ...dated,
    default_service_role_sid: sid('RL'),
    default_channel_role_sid: sid('RL'),
    default_channel_creator_role_sid: sid('RL'),
    read_status_enabled: Type.Boolean(),
    reachability_enabled: Type.Boolean(),
    typing_indicator_timeout: count,
    consumption_report_interval: count,
    limits: exactly({ channel_members: count, user_channels: count }),
    pre_webhook_url: orNull(Type.String()),
    post_webhook_url: orNull(Type.String()),
    webhook_method: orNull(Type.Union([Type.Literal('GET'), Type.Literal('POST')])),
    webhook_filters: orNull(Type.Array(Type.String({ minLength: 1 }))),
    ...only('v2', { pre_webhook_retry_count: count, post_webhook_retry_count: count }),
    ...only('v1', {
      webhooks: Type.Record(
        Type.String({ pattern: '^on(_[a-z]+)+$' }),
        exactly({ url: orNull(Type.String()), method: orNull(Type.String()) }),
        { additionalProperties: false },
      ),
    }),
    notifications: exactly({
      log_enabled: Type.Boolean(),
      new_message: exactly({ ...notification, badge_count_enabled: Type.Optional(Type.Boolean()) }),
      added_to_channel: exactly(notification),
      removed_from_channel: exactly(notification),
      invited_to_channel: exactly(notification),
    }),
    ...only('v2', {
      media: exactly({ size_limit_mb: count, compatibility_message: Type.String() }),
    }),
    url: link(service),
    links: exactly({
      channels: link(`${service}/Channels`),
      users: link(`${service}/Users`),
      roles: link(`${service}/Roles`),
      ...only('v2', { bindings: link(`${service}/Bindings`) }),
    }),
  });

  const userWith = (isOnline: TSchema) =>
    exactly({
      sid: sid('US'),
      ...owned,
      role_sid: sid('RL'),
      identity: Type.String({ minLength: 1 }),
      friendly_name: orNull(Type.String()),
      attributes: Type.String({ minLength: 2 }),
      is_online: isOnline,
      is_notifiable: isOnline,
      joined_channels_count: Type.Literal(0),
      ...dated,
      links: exactly({
        user_channels: link(`${user}/Channels`),
        ...only('v2', { user_bindings: link(`${user}/Bindings`) }),
      }),
      url: link(user),
    });

  const binding = {
    sid: sid('BS'),
    ...owned,
    ...dated,
    endpoint: Type.String({ minLength: 1 }),
    identity: Type.String({ minLength: 1 }),
    credential_sid: Type.Null(),
    binding_type: Type.Union(['apn', 'fcm', 'gcm'].map((type) => Type.Literal(type))),
    message_types: Type.Array(
      Type.Union(
        ['new_message', 'added_to_channel', 'invited_to_channel', 'removed_from_channel'].map(
          (type) => Type.Literal(type),
        ),
      ),
      { uniqueItems: true },
    ),
  };
  const Binding = exactly({
    ...binding,
    url: link(`${service}/Bindings/BS[0-9a-f]{32}`),
    links: exactly({ user: link(`${service}/Users/[^/?]+`) }),
  });
  const UserBinding = exactly({
    ...binding,
    user_sid: sid('US'),
    url: link(`${user}/Bindings/BS[0-9a-f]{32}`),
  });

  const Role = exactly({
    sid: sid('RL'),
    ...owned,
    friendly_name: Type.String({ minLength: 1, maxLength: 64 }),
    type: Type.Union([Type.Literal('channel'), Type.Literal('deployment')]),
    permissions: Type.Array(Type.String({ pattern: '^[a-z][A-Za-z]+$' }), { minItems: 1 }),
    ...dated,
    url: link(`${service}/Roles/RL[0-9a-f]{32}`),
  });

  const list = (key: string, path: string, item: TSchema, largest: number) => {
    const page = link(`${path}\\?\\S*PageSize=\\d+&Page=\\d+(&PageToken=\\w[\\w-]*)?`);
    return exactly({
      meta: exactly({
        page: count,
        page_size: Type.Integer({ minimum: 1, maximum: largest }),
        first_page_url: page,
        previous_page_url: orNull(page),
        url: page,
        next_page_url: orNull(page),
        key: Type.Literal(key),
      }),
      [key]: Type.Array(item, { maxItems: largest }),
    });
  };

  return {
    Service,
    ServiceList: list('services', 'Services', Service, 100),
    User: userWith(fact),
    UserList: list('users', `${service}/Users`, userWith(Type.Null()), 100),
    Binding,
    BindingList: list('bindings', `${service}/Bindings`, Binding, 50),
    UserBinding,
    UserBindingList: list('bindings', `${user}/Bindings`, UserBinding, 50),
    Role,
    RoleList: list('roles', `${service}/Roles`, Role, 100),
    ChannelList: list('channels', `${service}/Channels`, Type.Never(), 100),
    UserChannelList: list('channels', `${user}/Channels`, Type.Never(), 100),
    Error: exactly({
      code: Type.Integer({ minimum: 20001, maximum: 99_999 }),
      message: Type.String({ minLength: 1 }),
      more_info: Type.String({ pattern: '^https://www\\.twilio\\.com/docs/errors/\\d{5}$' }),
      status: Type.Integer({ minimum: 400, maximum: 599 }),
    }),
  };
}

type ShapeName = keyof ReturnType<typeof schemas>;

/** Shapes by path (without the version): of a list and of one item. */
const SHAPES: readonly (readonly [RegExp, ShapeName, ShapeName])[] = [
  [/^\/Services(\/[^/]+)?$/, 'ServiceList', 'Service'],
  [/^\/Services\/[^/]+\/Users(\/[^/]+)?$/, 'UserList', 'User'],
  [/^\/Services\/[^/]+\/Bindings(\/[^/]+)?$/, 'BindingList', 'Binding'],
  [/^\/Services\/[^/]+\/Users\/[^/]+\/Bindings(\/[^/]+)?$/, 'UserBindingList', 'UserBinding'],
  [/^\/Services\/[^/]+\/Roles(\/[^/]+)?$/, 'RoleList', 'Role'],
  [/^\/Services\/[^/]+\/Channels$/, 'ChannelList', 'ChannelList'],
  [/^\/Services\/[^/]+\/Users\/[^/]+\/Channels$/, 'UserChannelList', 'UserChannelList'],
];

/** An HTTP answer. */
export interface WireAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON, or text. */
  readonly body: unknown;
}

/** Checks answers of one server against Twilio's shapes. */
export class TwilioShapes {
  readonly #validators;

  /** @param origin of the server */
  constructor(origin: string) {
    const validators = (version: Version) => {
      const entries = Object.entries(schemas(origin, version));
      return new Map(entries.map(([name, schema]) => [name, Compile(schema)] as const));
    };
    this.#validators = { v1: validators('v1'), v2: validators('v2') };
  }

  /** @throws Error with all differences from Twilio's shape */
  check({ method, url, status, headers, body }: WireAnswer): void {
    const problems = [...headerProblems(headers), ...this.#bodyProblems(method, url, status, body)];
    if (problems.length === 0) return;
    throw new Error(`${method} ${url}: ${status}\n${problems.join('\n')}\n${JSON.stringify(body)}`);
  }

  #bodyProblems(method: string, url: string, status: number, body: unknown): string[] {
    if (status === 204) return body === '' ? [] : ['unexpected body'];
    const name = status >= 400 ? 'Error' : shapeOf(method, url);
    const validators = this.#validators[versionOf(url, name)];
    const validator = name === undefined ? undefined : validators.get(name);
    if (validator === undefined) return ['not a path of Twilio'];
    if (validator.Check(body)) return statusProblems(status, body);
    const [, errors] = validator.Errors(body);
    return errors.map((error) => `${error.instancePath} ${error.message}`);
  }
}

/** Twilio's `Access-Control-Allow-Credentials` is left out on purpose: it must not come together with any origin. */
function headerProblems(headers: WireAnswer['headers']): string[] {
  const declared = ['Origin', 'Methods', 'Headers'].map((name) => `Allow-${name}`);
  return [...declared, 'Expose-Headers']
    .map((name) => `access-control-${name.toLowerCase()}`)
    .filter((name) => typeof headers[name] !== 'string')
    .map((name) => `missing header ${name}`);
}

/** An error repeats its status and its code, which must agree. */
function statusProblems(status: number, body: unknown): string[] {
  if (status < 400) return [];
  const { status: bodyStatus, code, more_info } = body as Record<string, unknown>;
  const problems = bodyStatus !== status ? [`status ${String(bodyStatus)} in the body`] : [];
  return String(more_info).endsWith(`/${String(code)}`)
    ? problems
    : [...problems, 'more_info has another code'];
}

/** The version whose shape an answer has: chat v1 has no Bindings, which therefore look as in v2. */
function versionOf(url: string, name: ShapeName | undefined): Version {
  const isV1 = new URL(url).pathname.startsWith('/v1/');
  return isV1 && name?.includes('Binding') !== true ? 'v1' : 'v2';
}

function shapeOf(method: string, url: string): ShapeName | undefined {
  const path = new URL(url).pathname.replace(/^\/v[12]/, '');
  const found = SHAPES.find(([pattern]) => pattern.test(path));
  if (found === undefined) return undefined;
  const [pattern, list, one] = found;
  const addressed = pattern.exec(path)?.[1] !== undefined;
  return method.toUpperCase() === 'GET' && !addressed ? list : one;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
