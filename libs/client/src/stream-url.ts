import type { Settings } from './options.ts';
import type { Version } from './protocol/version.ts';

/** Returns the URL to connect to. Resumes the Connection if there is one with a watermark. */
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
