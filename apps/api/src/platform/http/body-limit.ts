import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Most bytes of a body of this route, where that is more than of others. */
    bodyLimit?: number;
  }
}

/** Lets single routes take larger bodies: those that say so by `@RouteConfig({ bodyLimit })`. */
export function respectBodyLimits(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const bodyLimit = route.config?.bodyLimit;
    if (bodyLimit !== undefined) route.bodyLimit = bodyLimit;
  });
}
