import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { ChatClient } from '#client';
import { chromiumPath, launchBrowser } from '../../support/chromium.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken } from '../../support/stream-client.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const CONFIG = join(ROOT, 'test/fixtures/react-page/vite.config.mjs');
const run = promisify(execFile);
const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('the React hooks in a browser', () => {
  let folder: string;
  let program: Program;
  let pages: Server;
  let browser: Browser;
  let service: string;
  const clients: ChatClient[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reachability-react-'));
    program = await startProgram();
    await run(join(ROOT, 'node_modules/.bin/vite'), [
      'build',
      '--config',
      CONFIG,
      '--outDir',
      folder,
    ]);
    pages = await servePages();
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    pages.closeAllConnections();
    pages.close();
    for (const client of clients) await client.shutdown();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function servePages(): Promise<Server> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const isScript = pathname.endsWith('.js');
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(readFileSync(join(folder, isScript ? pathname : 'index.html')));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  beforeEach(async () => {
    ({ sid: service } = await program.post('/v2/Services', { FriendlyName: 'Hooks' }));
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
  });

  /** Opens the page, as alice, with these names. Returns it with everything that went wrong in it. */
  async function open(names: readonly string[], token = accessToken(program, service, 'alice')) {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    const query = new URLSearchParams({ names: names.join(), url: program.url, token });
    const { port } = pages.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?${query.toString()}`);
    return { page, errors };
  }

  async function connect(identity: string): Promise<ChatClient> {
    const client = await ChatClient.create(accessToken(program, service, identity), {
      url: program.url,
    });
    clients.push(client);
    return client;
  }

  const row = (page: Page, name: string, text: string): Promise<unknown> =>
    page.locator(`#${name}`, { hasText: new RegExp(`^\\s*${text}$`) }).waitFor();
  const renders = (page: Page): Promise<Record<string, number>> =>
    page.evaluate('({ ...window.renders })');
  const subscribed = (page: Page): Promise<string[]> =>
    page.evaluate('window.client.getSubscribedUsers().map((user) => user.identity)');

  it('show a User that comes and goes, by a value, a list and a dot', async () => {
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'bob' });
    const { page, errors } = await open(['bob', 'nobody']);
    await row(page, 'bob', 'bob live null null');
    await row(page, 'nobody', 'nobody missing null null');
    const bob = await connect('bob');
    await row(page, 'bob', 'bob live true false');
    expect(await page.textContent('#online')).toBe('bob');
    const dot = page.locator('#bob [role=img]');
    expect(await dot.getAttribute('aria-label')).toBe('online');
    expect(await dot.getAttribute('data-presence')).toBe('online');
    await bob.shutdown();
    await row(page, 'bob', 'bob live false false');
    await connect('nobody');
    await row(page, 'nobody', 'nobody live true false');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('render a component only when one of its Users changes', async () => {
    for (const identity of ['bob', 'carol']) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    }
    const { page, errors } = await open(['bob', 'carol']);
    await row(page, 'bob', 'bob live null null');
    await row(page, 'carol', 'carol live null null');
    const before = await renders(page);
    await connect('bob');
    await row(page, 'bob', 'bob live true false');
    const after = await renders(page);
    expect(after['carol']).toBe(before['carol']);
    // StrictMode renders twice.
    expect(after['bob']).toBe((before['bob'] ?? 0) + 2);
    expect(after['Online']).toBe((before['Online'] ?? 0) + 2);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('open one Connection in StrictMode, and close it when they are unmounted', async () => {
    const { page, errors } = await open(['alice']);
    await row(page, 'alice', 'alice live true false');
    const events = `/v2/Services/${service}/Users/alice/Reachability/Events?Type=ConnectionOpened`;
    const answer = await program.get(events);
    expect(answer.body['events']).toHaveLength(1);
    await page.evaluate('window.unmount()');
    const carol = await connect('carol');
    const alice = await carol.getUser('alice');
    if (alice.isOnline === true) await new Promise((resolve) => alice.once('updated', resolve));
    expect(alice.isOnline).toBe(false);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('unsubscribe from Users that no component shows any more, and from no other', async () => {
    for (const identity of ['bob', 'carol', 'dave']) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    }
    const { page, errors } = await open(['bob', 'carol']);
    await row(page, 'carol', 'carol live null null');
    await page.evaluate('window.renderAgain()');
    await page.evaluate(`window.show(['carol', 'dave'])`);
    await row(page, 'dave', 'dave live null null');
    expect(await subscribed(page)).toEqual(['alice', 'carol', 'dave']);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('say why there is no connection', async () => {
    const { page } = await open(['bob'], 'no token');
    await row(page, 'connection', 'connecting token_refused');
    await row(page, 'bob', 'bob loading null null');
    await page.close();
  });
});
