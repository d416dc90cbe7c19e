import type { FastifyInstance } from 'fastify';
import type { CorsHeaders } from './cors.ts';
import { PAGE_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

/**
 * Sets the headers that every answer has: those for pages of other origins, and those for security. It is one hook, as
 * each costs a read 2 %, and a late one: it also runs where an earlier hook answers, as when the server stops.
 */
export function setAnswerHeaders(fastify: FastifyInstance, corsHeaders: CorsHeaders): void {
  fastify.addHook('onSend', ({ headers }, reply, payload, done) => {
    void reply.headers(corsHeaders(headers.origin)).headers(SECURITY_HEADERS);
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && /^text\/html\b/i.test(type)) void reply.headers(PAGE_HEADERS);
    done(null, payload);
  });
}
