/** Headers of every answer: a browser must not take JSON for a page or a script. */
export const SECURITY_HEADERS = { 'X-Content-Type-Options': 'nosniff' };

/** A page loads only its own files. Swagger's page has styles inside it, and images as `data:` URLs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers that a page gets as well, unless it has a policy of its own. */
export const PAGE_HEADERS = { 'Content-Security-Policy': PAGE_POLICY };

/** The console loads only its own files, has no styles or scripts inside its page, and calls only the API it is part of. */
const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Headers of the page of the console. Its addresses name Services and Users, so they are not passed on. */
export const CONSOLE_HEADERS = {
  'Content-Security-Policy': CONSOLE_POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
};
