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

/** Headers that a page gets as well. */
export const PAGE_HEADERS = { 'Content-Security-Policy': PAGE_POLICY };
