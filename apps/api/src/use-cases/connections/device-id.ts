/** Most characters of a device id. */
export const LONGEST_DEVICE_ID = 255;

/**
 * The device id that is stored for the one that a client sends. An invalid id does not refuse the client: it is cut to
 * its greatest length, and characters that some store would alter become U+FFFD.
 */
export function toDeviceId(sent: string | null | undefined): string | null {
  return sent?.slice(0, LONGEST_DEVICE_ID).toWellFormed().replaceAll('\u0000', '\ufffd') ?? null;
}
