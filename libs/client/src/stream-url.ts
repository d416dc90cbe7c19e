import type { Settings } from './options.ts';
import type { Version } from './protocol/version.ts';

/** Where to connect, resuming a Connection where there is one and it is known how far it was read. */
export function streamUrl(
  { streamUrl: base, deviceId }: Pick<Settings, 'streamUrl' | 'deviceId'>,
  token: string,
  connectionSid: string | null,
  watermark: Version | null,
): string {
  const url = new URL(base);
  url.searchParams.set('token', token);
  if (deviceId !== null) url.searchParams.set('device_id', deviceId);
  if (connectionSid !== null && watermark !== null) {
    url.searchParams.set('resume', connectionSid);
    url.searchParams.set('since', watermark);
  }
  return url.href;
}
