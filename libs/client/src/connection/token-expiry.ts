/**
 * Returns when an access token expires by its own `exp`, in milliseconds since 1970; null if it cannot be read. Only the
 * server verifies tokens.
 */
export function expiryOf(token: string): number | null {
  const [, payload] = token.split('.');
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return null;
    return typeof claims.exp === 'number' ? claims.exp * 1_000 : null;
  } catch {
    // Not a JWT: the server rejects it.
    return null;
  }
}
