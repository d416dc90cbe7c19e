const MASK = '***';

/** Returns a URL with its password replaced by `***`. One without a password is returned as it is. */
export function maskPassword(url: string): string {
  const parsed = URL.parse(url);
  // Such a URL is never requested, but its text may contain a password.
  if (parsed === null) return url.replace(/\/\/.*@/s, `//${MASK}@`);
  if (parsed.password === '') return url;
  parsed.password = MASK;
  return parsed.href;
}

/** Returns `next`, or `current` where `next` is its masked form: a client writes back the URL that it has read. */
export function keepPassword(current: string | null, next: string | null): string | null {
  return current !== null && next === maskPassword(current) ? current : next;
}
