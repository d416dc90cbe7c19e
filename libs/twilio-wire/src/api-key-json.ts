import type { ApiKeyRow } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/**
 * An API key in JSON, without its secret.
 *
 * @param lastUsed milliseconds since the epoch; undefined if it was not used yet
 */
export function apiKeyJson(
  key: ApiKeyRow,
  lastUsed: number | undefined,
  { accountSid, origin }: ViewContext,
) {
  const { sid, friendlyName, scopes, services, expiresAt, previousSecret } = key;
  return {
    sid,
    account_sid: accountSid,
    friendly_name: friendlyName,
    scopes,
    services,
    date_created: toTwilioDate(key.createdAt),
    date_updated: toTwilioDate(key.updatedAt),
    date_expires: expiresAt === null ? null : toTwilioDate(expiresAt),
    previous_secret_expires:
      previousSecret === null ? null : toTwilioDate(previousSecret.validUntil),
    last_used: lastUsed === undefined ? null : toTwilioDate(new Date(lastUsed).toISOString()),
    url: apiUrl(origin, 'ApiKeys', sid),
  };
}
