import type { Settings } from './settings.ts';

/** Scheme, host and port under which clients reach the service, as far as its settings say. No trailing slash. */
export function publicOrigin({
  PUBLIC_URL,
  HOST,
  PORT,
}: Pick<Settings, 'PUBLIC_URL' | 'HOST' | 'PORT'>): string {
  const host = HOST.includes(':') ? `[${HOST}]` : HOST;
  return (PUBLIC_URL ?? `http://${host}:${PORT}`).replace(/\/+$/, '');
}
