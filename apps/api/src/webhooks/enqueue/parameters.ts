import { roleSids } from '#domain';
import { answerFor, formatVersion, summarize, type ServiceRow, type UserRow } from '#read-model';
import { toTwilioDate } from '#twilio-wire/twilio-date';
import type { WebhookEvent } from './target.ts';

/** What every webhook of this server says of it. */
export interface Sender {
  readonly accountSid: string;
  /** Names the event store in versions. */
  readonly epoch: string;
}

/**
 * What a webhook says of a User as of an event, in Twilio's names; `Version` and `Timestamp` are ours. What is
 * null is left out, since a form cannot say it.
 *
 * @param at ISO 8601: effective time of the event
 */
export function parametersOf(
  event: WebhookEvent,
  user: UserRow,
  service: ServiceRow,
  at: string,
  { accountSid, epoch }: Sender,
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
