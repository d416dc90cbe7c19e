import { roleSids } from '#domain';
import { answerFor, formatVersion, summarize, type ServiceRow, type UserRow } from '#read-model';
import { toTwilioDate } from '#twilio-wire/twilio-date';
import type { WebhookEvent } from './webhook-target.ts';

/** The identity of this server in every webhook. */
export interface ServerIdentity {
  readonly accountSid: string;
  /** Names the event store in versions. */
  readonly epoch: string;
}

/**
 * Returns the parameters of a webhook: the User as of an event, in Twilio's names; `Version` and `Timestamp` are ours.
 * Null values are left out, because a form cannot express them.
 *
 * @param at ISO 8601: effective time of the event
 */
export function parametersOf(
  event: WebhookEvent,
  user: UserRow,
  service: ServiceRow,
  at: string,
  { accountSid, epoch }: ServerIdentity,
): [string, string][] {
  const { isOnline, isNotifiable, position } = answerFor(summarize(user), service);
  const { defaultServiceRoleSid } = service.settings;
  const roleSid = user.roleSid ?? defaultServiceRoleSid ?? roleSids(service.sid).serviceUser;
  const parameters: [string, string | boolean | null][] = [
    ['EventType', event],
    ['AccountSid', accountSid],
    ['InstanceSid', service.sid],
    ['ServiceSid', service.sid],
    ['UserSid', user.sid],
    ['Identity', user.identity],
    ['FriendlyName', user.friendlyName],
    ['Attributes', user.attributes],
    ['RoleSid', roleSid],
    ['DateCreated', toTwilioDate(user.createdAt)],
    ['DateUpdated', toTwilioDate(user.updatedAt)],
    ['IsOnline', isOnline],
    ['IsNotifiable', isNotifiable],
    ['Version', formatVersion(epoch, position)],
    ['Timestamp', at],
  ];
  return parameters.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
}
