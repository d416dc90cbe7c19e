/** Most characters of what a client or a gateway calls a device. */
export const LONGEST_DEVICE_ID = 255;

/**
 * What a client's handshake or token calls its device, as far as it is kept: nobody is turned away because of it, so
 * what is too long is cut, and what not every store keeps as it is becomes U+FFFD.
 */
export function toDeviceId(said: string | null | undefined): string | null {
  return said?.slice(0, LONGEST_DEVICE_ID).toWellFormed().replaceAll('\u0000', '\ufffd') ?? null;
}
