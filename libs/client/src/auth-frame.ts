import type { Settings } from './options.ts';
import type { AuthFrame } from './protocol/client-frames.ts';
import type { Version } from './protocol/version.ts';

/** Returns the first frame of a socket. Resumes the Connection if there is one with a watermark. */
export function authFrame(
  { deviceId }: Pick<Settings, 'deviceId'>,
  token: string,
  connectionSid: string | null,
  watermark: Version | null,
): AuthFrame {
  const canResume = connectionSid !== null && watermark !== null;
  return {
    type: 'auth',
    token,
    ...(deviceId === null ? {} : { device_id: deviceId }),
    ...(canResume ? { resume: connectionSid, since: watermark } : {}),
  };
}
