import { acceptedFrom } from '#domain';
import type { ViewContext } from './view-context.ts';

/** Returns the JSON of a revocation of a User's access tokens. */
export function revocationJson(
  revoked: {
    readonly serviceSid: string;
    readonly userSid: string;
    readonly revokedAt: string;
  },
  { accountSid }: Pick<ViewContext, 'accountSid'>,
) {
  return {
    account_sid: accountSid,
    service_sid: revoked.serviceSid,
    user_sid: revoked.userSid,
    revoked_at: revoked.revokedAt,
    /** Tokens issued before this time are refused. */
    tokens_issued_before: acceptedFrom(revoked.revokedAt),
  };
}
