import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launchBrowser } from '../../support/chromium.ts';
import { freePorts } from '../../support/free-ports.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { startPage, type RunningExample } from '../../support/run-example.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('The example of green dots', () => {
  let program: Program;
  let server: RunningExample;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    program = await startProgram();
    const [port = 0] = await freePorts(1);
    url = `http://127.0.0.1:${port}/`;
    server = startPage(program, 'green-dots', port);
    await server.says(/ready in/);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.end();
    await program.stop();
  });

  async function signIn(identity: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByRole('button', { name: identity }).click();
    return page;
  }
  const dotOf = (page: Page, identity: string) =>
    page.getByRole('listitem').filter({ hasText: identity }).getByRole('img');
  const shows = (page: Page, identity: string, state: string): Promise<void> =>
    dotOf(page, identity)
      .and(page.locator(`[data-presence=${state}]`))
      .waitFor();

  it('turns green in one tab when somebody signs in in another, and grey when they leave', async () => {
    const ada = await signIn('ada');
    await shows(ada, 'ada', 'online');
    await shows(ada, 'grace', 'unknown');
    const grace = await signIn('grace');
    await shows(grace, 'ada', 'online');
    await shows(ada, 'grace', 'online');
    await ada.getByRole('heading', { name: '2 online' }).waitFor();
    expect(await dotOf(ada, 'grace').getAttribute('aria-label')).toBe('online');
    await grace.getByRole('button', { name: 'Sign out' }).click();
    await shows(ada, 'grace', 'offline');
  });
});
