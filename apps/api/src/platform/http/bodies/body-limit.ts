import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Most bytes of a body, for a route that takes more than the others. */
    bodyLimit?: number;
  }
}

/** Applies the limits that routes set with `@RouteConfig({ bodyLimit })`. */
export function respectBodyLimits(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const bodyLimit = route.config?.bodyLimit;
    if (bodyLimit !== undefined) route.bodyLimit = bodyLimit;
  });
}
