/**
 * Takes the pictures of the console in `docs/images`, from a temporary server with a generated past and live Users.
 *
 * Usage: npm run screenshots [folder]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { Cli } from '../test/support/cli.ts';
import { ConsoleBrowser } from '../test/support/console-browser.ts';
import { fieldsOf, listOf, textOf } from '../test/support/fields.ts';
import { startProgram, type Program } from '../test/support/program.ts';
import { Api } from './demo/api.ts';
import { LiveCrowd } from './demo/live-crowd.ts';

const FOLDER = resolve(process.argv[2] ?? join(import.meta.dirname, '../docs/images'));
const DESKTOP = { width: 1280, height: 800 };
const TALL = { width: 1280, height: 1120 };
const PHONE = { width: 390, height: 844 };
/** Time in which some of the live Users come and go: minutes, for the chart. */
const LIVELY_MS = 100_000;
/** Time in which a page has everything that it asks for. */
const SETTLED_MS = 1_500;

const dataDir = mkdtempSync(join(tmpdir(), 'console-screenshots-'));
try {
  await new Cli(dataDir).run('store', 'seed', '--users', '300', '--events', '20000', '--seed', '7');
  const program = await startProgram({ dataDir });
  const browser = await ConsoleBrowser.open(program.url);
  const ended = new AbortController();
  try {
    const { accountSid: username, authToken: password } = program.credentials;
    const crowd = await LiveCrowd.create(new Api(program.url, { username, password }));
    const leaving = crowd.live(ended.signal);
    await program.post('/v2/ApiKeys', { FriendlyName: 'chat back end', Scopes: 'read' });
    await delay(LIVELY_MS);
    await takeAll(program, browser);
    ended.abort();
    await leaving;
  } finally {
    await browser.close();
    await program.stop();
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}

async function takeAll(program: Program, browser: ConsoleBrowser): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const { accountSid: username, authToken: password } = program.credentials;
  const take = async (
    name: string,
    path: string,
    options: BrowserContextOptions = {},
    prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> => {
    const settings = { viewport: DESKTOP, deviceScaleFactor: 1.5, ...options };
    const page = await browser.signedIn({ username, password }, path, settings);
    await delay(SETTLED_MS);
    await prepare(page);
    await page.screenshot({ path: join(FOLDER, `console-${name}.png`) });
    await page.context().close();
  };
  const services = await rowsOf(program, '/v2/Services', 'services');
  const [seeded = '', ...others] = services;
  const live = `/services/${others.at(-1) ?? seeded}`;
  const [user = ''] = await rowsOf(
    program,
    `/v2/Services/${seeded}/Users?IsOnline=false&PageSize=1`,
    'users',
  );
  const ofUser = `/services/${seeded}/users/${user}`;
  const dark = { colorScheme: 'dark' } as const;
  await take('services', '/services');
  await take('users', `${live}/users`);
  await take('users-dark', `${live}/users`, dark);
  await take('users-phone', `${live}/users`, { viewport: PHONE });
  await take('summary', `${live}/summary`);
  await take('user', ofUser, { viewport: TALL });
  await take('user-dark', ofUser, { viewport: TALL, ...dark });
  await take('projections', '/projections', {}, async (page) => {
    await page.getByRole('button', { name: 'Verify' }).first().click();
    await page
      .getByText(/no difference/)
      .first()
      .waitFor();
  });
  await take('nodes', '/nodes');
  await take('keys', '/keys');
}

/** Returns the sids of the first page of a list. */
async function rowsOf(program: Program, path: string, key: string): Promise<string[]> {
  const { body } = await program.get(path);
  return listOf(fieldsOf(body)[key]).map((row) => textOf(row, 'sid'));
}
