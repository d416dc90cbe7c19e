/**
 * When an access token expires, in milliseconds since 1970, as its own `exp` says; null where that cannot be read.
 * Nothing is verified here: that is for the server.
 */
export function expiryOf(token: string): number | null {
  const [, payload] = token.split('.');
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return null;
    return typeof claims.exp === 'number' ? claims.exp * 1_000 : null;
  } catch {
    // A token of another shape: the server will say what it thinks of it.
    return null;
  }
}
