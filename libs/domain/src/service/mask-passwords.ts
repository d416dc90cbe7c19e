import { maskPassword } from './webhook-url.ts';

/**
 * Returns a copy of settings, or of an event's data, without the passwords of URLs: in each property whose name ends in
 * `Url`, at any depth. A setting that is added later is covered by its name.
 */
export function maskPasswords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskPasswords);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [
      name,
      typeof inner === 'string' && name.endsWith('Url')
        ? maskPassword(inner)
        : maskPasswords(inner),
    ]),
  );
}
