import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { canonicalAddress, clientAddress } from './sockets/client-address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** IP address of the client; null if it is not known. Events that the request causes name it as their source. */
    readonly source: string | null;
  }
}

/** Gives each request the address of its client, which is determined when it is first needed. */
export function nameSources(fastify: FastifyInstance, trustedProxies: number): void {
  fastify.decorateRequest('source', {
    getter(this: FastifyRequest): string | null {
      return sourceOf(this.raw, trustedProxies);
    },
  });
}

/** The client's IP address. A proxy may forward text that is no address: it does not get into the log. */
export function sourceOf(request: IncomingMessage, trustedProxies: number): string | null {
  return canonicalAddress(clientAddress(request, trustedProxies));
}
