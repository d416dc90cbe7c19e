/** Twilio's libraries name a token by the sid of the key and the second of its issue: `SK..-1511287217`. */
const JTI = /^SK[0-9a-f]{32}-(?<seconds>\d{1,12})(?:-|$)/;

/** Returns when a token was issued, in seconds since 1970: `iat`, else `nbf`, else the time in `jti`; null if none. */
export function issuedAtOf(claims: Readonly<Record<string, unknown>>): number | null {
  const { iat, nbf, jti } = claims;
  if (typeof iat === 'number') return iat;
  if (typeof nbf === 'number') return nbf;
  const seconds = typeof jti === 'string' ? JTI.exec(jti)?.groups?.['seconds'] : undefined;
  return seconds === undefined ? null : Number(seconds);
}
