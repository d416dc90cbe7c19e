/** Twilio's form of a time on REST: UTC, second precision. */
export function toTwilioDate(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
