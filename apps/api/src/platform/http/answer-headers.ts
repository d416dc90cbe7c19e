import type { FastifyInstance } from 'fastify';
import type { CorsHeaders } from './cors.ts';
import { RETRY_AFTER_SECONDS } from './retry-after.ts';
import { PAGE_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

/**
 * Sets the headers that every answer has: those for pages of other origins, and those for security; and `Retry-After`
 * with each 503 that does not name a time itself. It is one hook, as each costs a read 2 %, and a late one: it also runs
 * where an earlier hook answers, as when the server stops.
 */
export function setAnswerHeaders(fastify: FastifyInstance, corsHeaders: CorsHeaders): void {
  fastify.addHook('onSend', ({ headers }, reply, payload, done) => {
    void reply.headers(corsHeaders(headers.origin)).headers(SECURITY_HEADERS);
    if (reply.statusCode === 503 && !reply.hasHeader('Retry-After')) {
      void reply.header('Retry-After', RETRY_AFTER_SECONDS);
    }
    const type = reply.getHeader('content-type');
    const isPage = typeof type === 'string' && /^text\/html\b/i.test(type);
    if (isPage && !reply.hasHeader('Content-Security-Policy')) void reply.headers(PAGE_HEADERS);
    done(null, payload);
  });
}
