import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PublicAddress } from '../http/public-address.ts';

const PATHS = ['/docs', '/docs/*', '/docs-json', '/docs-yaml'];

/** The headers of its files; those that every answer has are added by the server that shows them. */
const HEADERS = ['content-type', 'cache-control', 'etag', 'last-modified'] as const;

/**
 * Serves the OpenAPI description of an application on a server: a page at `/docs`, JSON at `/docs-json` and YAML at
 * `/docs-yaml`. Where the server is another one, `address` says where the application is. The description is made, and
 * its library loaded, at the first request.
 */
export function serveOpenApi(
  fastify: FastifyInstance,
  app: INestApplication,
  address?: PublicAddress,
): void {
  let documentation: Promise<FastifyInstance> | undefined;
  const show = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    documentation ??= createDocumentation(app, address?.origin ?? null);
    const server = await documentation;
    const { url } = request;
    const known = request.headers['if-none-match'];
    const { statusCode, headers, rawPayload } = await server.inject({
      method: 'GET',
      url,
      headers: known === undefined ? {} : { 'if-none-match': known },
    });
    if (statusCode === 404) {
      reply.callNotFound();
      return reply;
    }
    for (const name of HEADERS) {
      if (headers[name] !== undefined) void reply.header(name, headers[name]);
    }
    return reply.code(statusCode).send(rawPayload);
  };
  for (const path of PATHS) fastify.get(path, show);
}

async function createDocumentation(
  app: INestApplication,
  origin: string | null,
): Promise<FastifyInstance> {
  const { createDocumentationServer } = await import('./documentation-server.ts');
  return createDocumentationServer(app, origin);
}
