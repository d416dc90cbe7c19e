import type { Credentials } from '@eventstore/db-client';

const CREDENTIALS = /^[^:]+:\/\/(?<username>[^:@/]+):(?<password>[^@]+)@/;
const NO_TLS = /[?&]tls=false(&|$)/i;

/** Without TLS the client does not send credentials, so any value will do. */
const UNUSED: Credentials = { username: 'unused', password: 'unused' };

/**
 * Returns credentials to pass with a call, which makes the client use a plain append; null if the connection string
 * contains none and they would be sent.
 */
export function callCredentials(url: string): Credentials | null {
  const { username, password } = CREDENTIALS.exec(url)?.groups ?? {};
  if (username !== undefined && password !== undefined) {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  }
  return NO_TLS.test(url) ? UNUSED : null;
}
