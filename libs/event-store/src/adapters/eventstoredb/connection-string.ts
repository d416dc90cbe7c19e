import type { Credentials } from '@eventstore/db-client';

const CREDENTIALS = /^[^:]+:\/\/(?<username>[^:@/]+):(?<password>[^@]+)@/;
const NO_TLS = /[?&]tls=false(&|$)/i;

/** The client leaves credentials out of requests without TLS, so that any will do. */
const UNUSED: Credentials = { username: 'unused', password: 'unused' };

/**
 * Credentials to give with a call, which is how the client is told to append in the plain way; null where the
 * connection string has none and they would be sent.
 */
export function callCredentials(url: string): Credentials | null {
  const { username, password } = CREDENTIALS.exec(url)?.groups ?? {};
  if (username !== undefined && password !== undefined) {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  }
  return NO_TLS.test(url) ? UNUSED : null;
}
