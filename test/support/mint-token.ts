import { createHmac, randomBytes } from 'node:crypto';
import type { ProgramCredentials } from './program.ts';

/** An access token in Twilio's format. Thousands of times faster than Twilio's library. */
export function mintToken(
  { accountSid, apiKey }: Pick<ProgramCredentials, 'accountSid' | 'apiKey'>,
  serviceSid: string,
  identity: string,
  ttlSeconds = 3_600,
  /** Claims in place of the usual ones; undefined leaves one out. */
  others: Readonly<Record<string, unknown>> = {},
): string {
  const now = Math.floor(Date.now() / 1_000);
  const header = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };
  const claims = {
    jti: `${apiKey.sid}-${now}-${randomBytes(6).toString('hex')}`,
    iss: apiKey.sid,
    sub: accountSid,
    iat: now,
    exp: now + ttlSeconds,
    grants: { identity, chat: { service_sid: serviceSid } },
    ...others,
  };
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${createHmac('sha256', apiKey.secret).update(text).digest('base64url')}`;
}

function encode(json: unknown): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}
