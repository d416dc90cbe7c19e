/** A time in Twilio's REST format: UTC, with a precision of seconds. */
export function toTwilioDate(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
