import { Type, type Static } from 'typebox';
import { Nullable } from '../nullable.ts';
import { Role } from './roles.ts';
import { WatchPolicy } from './watch-policy.ts';
import { AccountConfiguration, DEFAULT_ACCOUNT_CONFIGURATION } from './account-configuration.ts';
import { keepPassword } from './webhook-url.ts';

const Notification = Type.Object({
  enabled: Type.Boolean(),
  template: Type.Optional(Type.String()),
  sound: Type.Optional(Type.String()),
  badgeCountEnabled: Type.Optional(Type.Boolean()),
});

/** Only Conversations has settings of its own for messages with media. */
const MediaNotification = Type.Object({
  enabled: Type.Boolean(),
  template: Type.Optional(Type.String()),
});

const EventWebhook = Type.Object({
  targetUrl: Nullable(Type.String()),
  method: Nullable(Type.String()),
});
type EventWebhook = Static<typeof EventWebhook>;

/**
 * Settings of a Service, except the reachability flag, which has its own events. Most have no effect here: they are
 * stored and returned because Twilio's clients expect to read what they wrote.
 */
export const ServiceSettings = Type.Object({
  friendlyName: Type.String(),
  /** Seconds within which an abruptly closed session may resume before its Connection is closed. */
  graceSeconds: Type.Number({ minimum: 0, maximum: 60 }),
  /** Absent, which means `all`, until it is set to `granted` for the first time. */
  watchPolicy: Type.Optional(WatchPolicy),
  defaultServiceRoleSid: Nullable(Type.String()),
  defaultChannelRoleSid: Nullable(Type.String()),
  defaultChannelCreatorRoleSid: Nullable(Type.String()),
  readStatusEnabled: Type.Boolean(),
  typingIndicatorTimeout: Type.Integer(),
  consumptionReportInterval: Type.Integer(),
  limits: Type.Object({ channelMembers: Type.Integer(), userChannels: Type.Integer() }),
  preWebhookUrl: Nullable(Type.String()),
  postWebhookUrl: Nullable(Type.String()),
  webhookMethod: Nullable(Type.String()),
  webhookFilters: Nullable(Type.Array(Type.String())),
  preWebhookRetryCount: Type.Integer(),
  postWebhookRetryCount: Type.Integer(),
  notifications: Type.Object({
    logEnabled: Type.Boolean(),
    newMessage: Type.Object({
      ...Notification.properties,
      withMedia: Type.Optional(MediaNotification),
    }),
    addedToChannel: Notification,
    removedFromChannel: Notification,
    invitedToChannel: Notification,
  }),
  mediaCompatibilityMessage: Type.String(),
  /** Only of the first Service of an account, and there only if it was set. */
  accountConfiguration: Type.Optional(AccountConfiguration),
  /**
   * Webhooks by event, as chat v1 sets them. The target of `onUserUpdated` replaces `postWebhookUrl`; the others have no
   * effect.
   */
  webhooks: Type.Optional(Type.Record(Type.String(), EventWebhook)),
  /** All Roles, once one of them was created, updated or deleted. */
  roles: Type.Optional(Type.Array(Role)),
});
export type ServiceSettings = Static<typeof ServiceSettings>;

/** Settings of a new Service, as in Twilio's samples. A null role sid means the derived one. */
export const DEFAULT_SERVICE_SETTINGS: Omit<ServiceSettings, 'friendlyName'> = {
  graceSeconds: 5,
  defaultServiceRoleSid: null,
  defaultChannelRoleSid: null,
  defaultChannelCreatorRoleSid: null,
  readStatusEnabled: true,
  typingIndicatorTimeout: 5,
  consumptionReportInterval: 10,
  limits: { channelMembers: 100, userChannels: 250 },
  preWebhookUrl: null,
  postWebhookUrl: null,
  webhookMethod: null,
  webhookFilters: null,
  preWebhookRetryCount: 0,
  postWebhookRetryCount: 0,
  notifications: {
    logEnabled: false,
    newMessage: { enabled: false },
    addedToChannel: { enabled: false },
    removedFromChannel: { enabled: false },
    invitedToChannel: { enabled: false },
  },
  mediaCompatibilityMessage: 'Media messages are not supported by your client',
};

type Notifications = ServiceSettings['notifications'];

/** Partial change of settings. Keys left out keep their value, also inside objects. */
export type ServiceSettingsPatch = Partial<
  Omit<ServiceSettings, 'limits' | 'notifications' | 'webhooks' | 'accountConfiguration'>
> & {
  readonly webhooks?: Readonly<Record<string, Partial<EventWebhook>>>;
  readonly accountConfiguration?: Partial<AccountConfiguration>;
  readonly limits?: Partial<ServiceSettings['limits']>;
  readonly notifications?: { readonly [K in keyof Notifications]?: PatchOf<Notifications[K]> };
};
type PatchOf<T> = T extends object ? { readonly [K in keyof T]?: PatchOf<T[K]> } : T;

/** Returns the watch policy of a Service. */
export function watchPolicyOf({ watchPolicy = 'all' }: Pick<ServiceSettings, 'watchPolicy'>) {
  return watchPolicy;
}

/** Returns the settings with the patch applied. A webhook URL in its masked form keeps its password. */
export function patchSettings(
  settings: ServiceSettings,
  {
    limits,
    notifications,
    watchPolicy,
    webhooks,
    accountConfiguration,
    ...rest
  }: ServiceSettingsPatch,
): ServiceSettings {
  const current = settings.notifications;
  const changed = notifications ?? {};
  const { preWebhookUrl = settings.preWebhookUrl, postWebhookUrl = settings.postWebhookUrl } = rest;
  return {
    ...settings,
    ...rest,
    ...watchPolicyPatch(settings, watchPolicy),
    ...accountConfigurationPatch(settings, accountConfiguration),
    ...webhooksPatch(settings, webhooks),
    preWebhookUrl: keepPassword(settings.preWebhookUrl, preWebhookUrl),
    postWebhookUrl: keepPassword(settings.postWebhookUrl, postWebhookUrl),
    limits: { ...settings.limits, ...limits },
    notifications: {
      logEnabled: changed.logEnabled ?? current.logEnabled,
      newMessage: patchNewMessage(current.newMessage, changed.newMessage ?? {}),
      addedToChannel: { ...current.addedToChannel, ...changed.addedToChannel },
      removedFromChannel: { ...current.removedFromChannel, ...changed.removedFromChannel },
      invitedToChannel: { ...current.invitedToChannel, ...changed.invitedToChannel },
    },
  };
}

/** Returns the changed policy; nothing if a policy that was never set becomes the default one. */
function watchPolicyPatch(
  settings: ServiceSettings,
  watchPolicy: WatchPolicy | undefined,
): Pick<ServiceSettings, 'watchPolicy'> {
  return watchPolicy === undefined || watchPolicy === watchPolicyOf(settings)
    ? {}
    : { watchPolicy };
}

function patchNewMessage(
  current: Notifications['newMessage'],
  { withMedia, ...rest }: PatchOf<Notifications['newMessage']>,
): Notifications['newMessage'] {
  const changed = { ...current, ...rest };
  if (withMedia === undefined) return changed;
  return { ...changed, withMedia: { enabled: false, ...current.withMedia, ...withMedia } };
}

/** Returns the changed configuration of an account; nothing if no key is given. */
function accountConfigurationPatch(
  settings: ServiceSettings,
  changes: Partial<AccountConfiguration> | undefined,
): Pick<ServiceSettings, 'accountConfiguration'> {
  if (changes === undefined || Object.keys(changes).length === 0) return {};
  const current = settings.accountConfiguration ?? DEFAULT_ACCOUNT_CONFIGURATION;
  return { accountConfiguration: { ...current, ...changes } };
}

/** Returns the webhooks by event with the patch applied; nothing where there is no patch. */
function webhooksPatch(
  { webhooks = {} }: ServiceSettings,
  patch: ServiceSettingsPatch['webhooks'],
): Pick<ServiceSettings, 'webhooks'> {
  if (patch === undefined) return {};
  const changed = Object.entries(patch).map(([event, change]) => {
    const current = webhooks[event] ?? { targetUrl: null, method: null };
    const { targetUrl = current.targetUrl, method = current.method } = change;
    return [event, { targetUrl: keepPassword(current.targetUrl, targetUrl), method }] as const;
  });
  return { webhooks: { ...webhooks, ...Object.fromEntries(changed) } };
}
