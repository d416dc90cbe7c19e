import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatClient } from '#client';
import { Chromium, chromiumPath } from '../../support/chromium.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = join(ROOT, 'test/fixtures/client-page.html');
const BUILT = join(ROOT, 'dist/libs/client/src');

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('the client SDK in a browser', () => {
  const told: string[] = [];
  let program: Program;
  let pages: Server;
  let chromium: Chromium | undefined;

  beforeAll(async () => {
    program = await startProgram();
    pages = await servePages();
  });

  afterAll(async () => {
    await chromium?.close();
    pages.closeAllConnections();
    pages.close();
    await program.stop();
  });

  /** Serves the page and the SDK, and hears what the page tells. */
  async function servePages(): Promise<Server> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/told') {
        void text(request).then((line) => {
          told.push(line);
          response.end();
        });
        return;
      }
      const file = pathname.startsWith('/client/')
        ? join(BUILT, pathname.slice('/client'.length))
        : PAGE;
      const type = file.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.setHeader('content-type', type);
      response.end(readFileSync(file));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  function says(line: string): Promise<unknown> {
    return until(
      `${line} of the page`,
      () => {
        const failure = told.find((each) => each.startsWith('failed'));
        if (failure !== undefined) throw new Error(failure);
        return told.includes(line) || undefined;
      },
      30_000,
    );
  }

  it('shows who comes and goes, is read-only, and says bye', async () => {
    const { sid: service } = await program.post('/v2/Services', { FriendlyName: 'Browser' });
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'bob' });
    const { port } = pages.address() as AddressInfo;
    const token = accessToken(program, service, 'alice');
    const query = new URLSearchParams({ token, url: program.url });
    chromium = Chromium.open(`http://127.0.0.1:${port}/?${query.toString()}`);
    await says('bob null');
    const bob = await ChatClient.create(accessToken(program, service, 'bob'), { url: program.url });
    await says('updated reachabilityOnline,reachabilityNotifiable true');
    await bob.shutdown();
    await says('connection closed');
    expect(told).toEqual([
      'ready alice true',
      'assigning TypeError',
      'bob null',
      'updated reachabilityOnline,reachabilityNotifiable true',
      'updated reachabilityOnline false',
      'connection closing',
      'connection closed',
    ]);
  }, 60_000);
});
