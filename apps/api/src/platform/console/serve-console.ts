import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { CONSOLE_HEADERS } from '../http/security-headers.ts';
import type { PublicAddress } from '../http/public-address.ts';

/** Where the build puts the console. */
const FILES = resolve(import.meta.dirname, '../../../../console');
const PATH = '/console';

/**
 * Serves the web console at `/console`, without credentials: it asks its user for them, and calls the API like any other
 * client. Each page of it is the same file, which is never cached; the names of all other files contain their hash.
 * Clients may see the service below a path of PUBLIC_URL, which a proxy removes.
 */
export function serveConsole(
  fastify: FastifyInstance,
  address: Pick<PublicAddress, 'origin'>,
): void {
  const page = readPage(new URL(address.origin).pathname.replace(/\/$/, ''));
  const sendPage = async (_request: unknown, reply: FastifyReply): Promise<void> => {
    await reply
      .headers({ ...CONSOLE_HEADERS, 'Cache-Control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(page);
  };
  fastify.get(PATH, sendPage);
  fastify.get(`${PATH}/*`, sendPage);
  fastify.get(`${PATH}/licences`, async (_, reply) => {
    await reply
      .type('text/plain; charset=utf-8')
      .send(await readFile(join(FILES, 'licences.md'), 'utf8'));
  });
  void fastify.register(fastifyStatic, {
    root: join(FILES, 'assets'),
    prefix: `${PATH}/assets/`,
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}

/** Returns the page, whose files are named by absolute paths: it is the same at every path below `/console`. */
function readPage(publicPath: string): string {
  const built = readFileSync(join(FILES, 'index.html'), 'utf8');
  return built.replaceAll('"./assets/', `"${publicPath}${PATH}/assets/`);
}
