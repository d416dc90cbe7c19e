/** Returns a time as a field of the type `datetime-local` shows it: in the zone of the browser, to the second. */
export function toLocalField(iso: string): string {
  const date = new Date(iso);
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** Returns the time in such a field in ISO 8601; null where it is empty or incomplete. */
export function fromLocalField(value: string): string | null {
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
