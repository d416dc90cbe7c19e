import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { chromiumPath } from '../../support/chromium.ts';
import { accessibilityProblems } from '../../support/console-browser.ts';
import { openConsoleWorld, type ConsoleWorld } from '../../support/console-world.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const IS_TOO_WIDE = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

describeInBrowser('the console, for everybody', () => {
  let world: ConsoleWorld;
  let page: Page;
  let user: string;

  beforeAll(async () => {
    world = await openConsoleWorld();
    user = await world.createUser('present');
    await world.createUser('unseen');
    await world.createUser('gone');
    await world.connect('present');
    const disconnect = await world.connect('gone');
    await disconnect();
    await world.createKey('read');
    page = await world.browser.signedIn(world.account);
  });

  afterAll(async () => {
    await world.close();
  });

  /** What axe finds on the page in light and in dark colours. */
  async function problems() {
    const found = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await accessibilityProblems(page)));
    }
    return found;
  }

  it.each([
    ['Services', () => '/services', 'Support desk'],
    ['Users', () => `/services/${world.service}/users`, 'unseen'],
    ['a User', () => `/services/${world.service}/users/${user}`, 'The User has 1 open connection.'],
    ['a summary', () => `/services/${world.service}/summary`, 'The same as a table'],
    ['events', () => `/services/${world.service}/events`, 'Reachability was enabled'],
    ['webhooks', () => `/services/${world.service}/webhooks`, 'This Service has no webhook'],
    ['projections', () => '/projections', 'up to date'],
    ['nodes', () => '/nodes', 'node-1'],
    ['API keys', () => '/keys', 'Key to read'],
    ['a page that does not exist', () => '/nothing', 'There is no page at this address.'],
  ])(
    'has a page of %s that axe finds nothing wrong with, also on a phone',
    async (_, path, shown) => {
      await world.browser.follow(page, path());
      await page.getByText(shown).first().waitFor();
      expect(await problems()).toEqual([]);
      await page.setViewportSize(PHONE);
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(await page.evaluate(IS_TOO_WIDE)).toBe(false);
      await page.setViewportSize(DESKTOP);
    },
  );

  it.each([
    ['/services', 'Create Service'],
    ['/services', 'Copy as…'],
    ['/keys', 'Create key'],
    ['/keys', 'Revoke Key to read'],
  ])('has on %s a dialog "%s" that axe finds nothing wrong with', async (path, button) => {
    await world.browser.follow(page, path);
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('dialog').waitFor();
    expect(await problems()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('can be used without a mouse', async () => {
    await world.browser.follow(page, '/nodes');
    await page.getByRole('heading', { name: 'Nodes' }).waitFor();
    const services = page.getByRole('link', { name: 'Services' });
    await services.focus();
    await services.press('Enter');
    const service = page.getByRole('link', { name: 'Support desk' });
    await service.waitFor();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('MAIN');
    await service.focus();
    await service.press('Enter');
    const rows = page.getByRole('rowgroup', { name: 'Rows' });
    await rows.focus();
    await rows.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Answer' }).waitFor();
  });

  it('has a form to sign in that axe finds nothing wrong with', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Secret').waitFor();
    expect(await problems()).toEqual([]);
  });
});
