import type { FastifyInstance } from 'fastify';
import { notFound } from '#twilio-wire/twilio-error';

/**
 * Answers 404 to a path with U+0000: nothing has it in its name, and text of PostgreSQL cannot contain it, so a look-up
 * would fail there.
 */
export function refuseUnstorablePaths(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ url }, _reply, done) => {
    const isPath = url.includes('%00') && url.split('?', 1)[0]?.includes('%00');
    done(isPath === true ? notFound(url) : undefined);
  });
}
