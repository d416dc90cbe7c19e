import type { FastifyInstance } from 'fastify';

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

/** Sets {@link SECURITY_HEADERS} on every answer, and a content security policy on pages. */
export function setSecurityHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    void reply.headers(SECURITY_HEADERS);
    const isPage = /^text\/html\b/i.test(String(reply.getHeader('content-type') ?? ''));
    if (isPage) void reply.header('Content-Security-Policy', PAGE_POLICY);
    done(null, payload);
  });
}
