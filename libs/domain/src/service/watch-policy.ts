import { Type, type Static } from 'typebox';
import { assertIdentity, IDENTITY_MAX_LENGTH } from '../identity.ts';
import { DomainError } from '../errors.ts';

/** Whom clients of a Service may watch: all of its Users, or those that their access token grants. */
export const WatchPolicy = Type.Union([Type.Literal('all'), Type.Literal('granted')]);
export type WatchPolicy = Static<typeof WatchPolicy>;

export const WATCH_POLICIES = WatchPolicy.anyOf.map((literal) => literal.const);

/** Most identities in one grant. */
export const GRANTED_IDENTITIES_MAX = 1_000;

/** Users whom an access token lets its holder watch under the policy `granted`. */
export interface WatchGrant {
  readonly identities: ReadonlySet<string>;
  /** Grants every identity that begins with it; null grants none. Never empty. */
  readonly prefix: string | null;
}

/** The grant of a token that names nobody. */
export const NO_WATCH_GRANT: WatchGrant = { identities: new Set(), prefix: null };

/** Returns whether a client may watch an identity of its Service. Its own is always granted. */
export function mayWatch(
  policy: WatchPolicy,
  { identity: own, watchGrant }: { readonly identity: string; readonly watchGrant: WatchGrant },
  identity: string,
): boolean {
  if (policy === 'all' || identity === own) return true;
  const { identities, prefix } = watchGrant;
  return identities.has(identity) || (prefix !== null && identity.startsWith(prefix));
}

/**
 * Returns the grant for these identities and this prefix.
 *
 * An empty prefix is refused: an application that builds it from an empty variable would grant everybody.
 *
 * @throws DomainError `GRANT.INVALID`, or `IDENTITY.*` for one of the identities
 */
export function toWatchGrant(identities: readonly string[], prefix: string | null): WatchGrant {
  if (identities.length > GRANTED_IDENTITIES_MAX) {
    throw new DomainError(
      'GRANT.INVALID',
      `At most ${GRANTED_IDENTITIES_MAX} identities can be granted`,
    );
  }
  for (const identity of identities) assertIdentity(identity);
  if (prefix !== null && !isPrefix(prefix)) {
    throw new DomainError(
      'GRANT.INVALID',
      `A prefix must have 1 to ${IDENTITY_MAX_LENGTH} characters, without U+0000 or a lone surrogate`,
    );
  }
  return { identities: new Set(identities), prefix };
}

/** Returns whether two grants are written the same. */
export function isSameGrant(a: WatchGrant, b: WatchGrant): boolean {
  return a.prefix === b.prefix && a.identities.symmetricDifference(b.identities).size === 0;
}

function isPrefix(text: string): boolean {
  const length = Array.from(text).length;
  const isStorable = text.isWellFormed() && !text.includes('\u0000');
  return isStorable && length > 0 && length <= IDENTITY_MAX_LENGTH;
}
