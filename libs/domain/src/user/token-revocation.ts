/**
 * Whether a revocation refuses an access token. Tokens carry whole seconds, so one of the same second may have been
 * issued before the revocation and is refused. A token that does not say when it was issued is refused, too.
 *
 * @param revokedAt ISO time of the User's latest revocation; undefined if there was none
 * @param issuedAt time of issue, in seconds since 1970; null if the token has none
 */
export function isTokenRevoked(revokedAt: string | undefined, issuedAt: number | null): boolean {
  if (revokedAt === undefined) return false;
  return issuedAt === null || Math.floor(issuedAt) <= Math.floor(Date.parse(revokedAt) / 1_000);
}

/** Returns the first time of issue that a revocation does not refuse, in ISO 8601: the next full second. */
export function acceptedFrom(revokedAt: string): string {
  return new Date((Math.floor(Date.parse(revokedAt) / 1_000) + 1) * 1_000).toISOString();
}
