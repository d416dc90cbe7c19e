import type { FastifyInstance } from 'fastify';
import { TwilioError } from '#twilio-wire/twilio-error';
import { RETRY_AFTER_SECONDS } from '../retry-after.ts';
import type { SocketBudget, SocketRefusal } from './socket-budget.ts';

const REFUSALS: Readonly<Record<SocketRefusal, readonly [number, number, string]>> = {
  too_many_sockets: [503, 20503, 'Too many open connections'],
  too_many_from_address: [429, 20429, 'Too many open connections from this address'],
};
/** Answered on refused sockets, too. */
const HEALTH = /^\/health\//;

/** Counts the sockets of the server, and refuses requests on those beyond the limits, except health checks. */
export function limitSockets(fastify: FastifyInstance, budget: SocketBudget): void {
  budget.watch(fastify.server);
  fastify.addHook('onRequest', (request, reply, done) => {
    const refusal = budget.refusalOf(request.raw.socket);
    if (refusal === null) {
      done();
      return;
    }
    void reply.header('Connection', 'close');
    if (HEALTH.test(request.routeOptions.url ?? '')) {
      done();
      return;
    }
    void reply.header('Retry-After', RETRY_AFTER_SECONDS);
    done(new TwilioError(...REFUSALS[refusal]));
  });
}
