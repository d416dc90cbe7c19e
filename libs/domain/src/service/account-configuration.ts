import { Type, type Static } from 'typebox';
import { Nullable } from '../nullable.ts';
import { deriveSid } from '../sids.ts';

/**
 * Settings of an account, kept by its first Service: see {@link firstServiceSid}. All but the default Service have no
 * effect here.
 */
export const AccountConfiguration = Type.Object({
  /** Null for the first Service itself. */
  defaultServiceSid: Nullable(Type.String()),
  defaultMessagingServiceSid: Nullable(Type.String()),
  /** ISO 8601 durations. */
  defaultInactiveTimer: Nullable(Type.String()),
  defaultClosedTimer: Nullable(Type.String()),
});
export type AccountConfiguration = Static<typeof AccountConfiguration>;

/** Configuration of an account that never changed any. */
export const DEFAULT_ACCOUNT_CONFIGURATION: AccountConfiguration = {
  defaultServiceSid: null,
  defaultMessagingServiceSid: null,
  defaultInactiveTimer: null,
  defaultClosedTimer: null,
};

/**
 * Returns the sid of the Service that an account begins with. It derives from the account, so that all processes that
 * create it at the same time create the same one.
 *
 * @param deleted sid of the first Service before this one, which was deleted
 */
export function firstServiceSid(accountSid: string, deleted: string | null = null): string {
  const name = `${accountSid}/first Service`;
  return deriveSid('IS', deleted === null ? name : `${name} after ${deleted}`);
}
