import { secretNames } from '#shared/settings/secrets';
import type { Settings } from '#shared/settings/settings';

const MASK = '***';
/** Shorter values could be part of any text. */
const SHORTEST_SECRET = 8;

/** What a secret looks like, and its replacement. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // The password in a URL.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, `$1:${MASK}@`],
  // Credentials in a header.
  [/\b(Basic|Bearer)\s+[\w+/=.~-]{6,}/gi, `$1 ${MASK}`],
  // A JSON Web Token, such as an access token.
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  // An API key with its secret.
  [/\b(SK[0-9a-f]{32}):[^\s,:"]+/g, `$1:${MASK}`],
  // A parameter of a query or a form.
  [/([?&](?:[\w-]*token|[\w-]*secret|password|api_?key|signature)=)[^&\s"']+/gi, `$1${MASK}`],
];

/** Returns text without secrets. */
export type Redact = (text: string) => string;

/** Returns what removes the secrets of these settings from text, and everything that looks like one. */
export function redactor(settings: Settings): Redact {
  const values = new Map<string, unknown>(Object.entries(settings));
  const secrets = secretNames()
    .flatMap((name) => values.get(name) ?? [])
    // API_KEYS has several.
    .flatMap((value) => (typeof value === 'string' ? value.split(',') : []))
    .flatMap((value) => [value, /^SK[0-9a-f]{32}:(.*)$/.exec(value)?.[1] ?? value])
    .filter((secret) => secret.length >= SHORTEST_SECRET);
  return (text) => {
    let redacted = text;
    for (const secret of secrets) redacted = redacted.replaceAll(secret, MASK);
    for (const [pattern, replacement] of PATTERNS)
      redacted = redacted.replace(pattern, replacement);
    return redacted;
  };
}
