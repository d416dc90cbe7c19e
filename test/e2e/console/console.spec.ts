import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromiumPath } from '../../support/chromium.ts';
import { signIn } from '../../support/console-browser.ts';
import { openConsoleWorld, type ConsoleWorld } from '../../support/console-world.ts';
import { accessToken, connect } from '../../support/stream-client.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('the console', () => {
  let world: ConsoleWorld;

  beforeAll(async () => {
    world = await openConsoleWorld();
  });

  afterAll(async () => {
    await world.close();
  });

  const users = () => `/services/${world.service}/users`;

  it('asks for a SID and a secret, and says so when they are wrong', async () => {
    const page = await world.browser.page();
    await signIn(page, { ...world.account, password: 'wrong' });
    await page.getByRole('alert').getByText('Wrong SID or secret.').waitFor();
    await signIn(page, world.account);
    await page.getByRole('heading', { name: 'Services' }).waitFor();
    const kept = await page.evaluate(
      '[localStorage.length, sessionStorage.length, document.cookie]',
    );
    expect(kept).toEqual([0, 0, '']);
  });

  it('asks for the two of them, and for nothing else', async () => {
    const page = await world.browser.page();
    await page.getByLabel('Secret').waitFor();
    expect(await page.locator('input, select, textarea').count()).toBe(2);
  });

  it('says that a Service was deleted, and no longer shows its Users', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Short-lived' });
    await world.program.post(`/v2/Services/${sid}/Users`, { Identity: 'left-over' });
    const page = await world.browser.signedIn(world.account, `/services/${sid}/users`);
    await page.getByRole('row', { name: /left-over/ }).waitFor();
    await world.program.delete(`/v2/Services/${sid}`);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    expect(await page.getByText('left-over').count()).toBe(0);
  });

  it('takes an API key as well, and forgets it when the page is loaded again', async () => {
    const { sid, secret } = world.program.credentials.apiKey;
    const page = await world.browser.signedIn({ username: sid, password: secret });
    await page.getByText(sid).waitFor();
    await page.reload();
    await page.getByLabel('Secret').waitFor();
  });

  it('leads from the name of a Service to its Users, each with its state as a word', async () => {
    for (const identity of ['unseen', 'present', 'gone']) await world.createUser(identity);
    await world.connect('present');
    const disconnect = await world.connect('gone');
    await disconnect();
    const page = await world.browser.signedIn(world.account);
    await page.getByRole('link', { name: 'Support desk' }).click();
    await page.getByRole('row', { name: /^unknown unseen/ }).waitFor();
    await page.getByRole('row', { name: /^online present no push/ }).waitFor();
    await page.getByRole('row', { name: /^offline gone no push/ }).waitFor();
  });

  it('shows without a reload that a client connects and leaves', async () => {
    await world.createUser('dora');
    const page = await world.browser.signedIn(world.account, users());
    await page.getByRole('row', { name: /^unknown dora/ }).waitFor();
    const client = connect(world.program, accessToken(world.program, world.service, 'dora'));
    await page.getByRole('row', { name: /^online dora/ }).waitFor();
    client.send({ type: 'bye' });
    await page.getByRole('row', { name: /^offline dora/ }).waitFor();
  });

  it('filters Users by state and by the beginning of their identity, as the address says', async () => {
    for (const identity of ['team-ann', 'team-ben', 'other']) await world.createUser(identity);
    await world.connect('team-ann');
    await world.connect('other');
    const page = await world.browser.signedIn(world.account, `${users()}?state=online`);
    await page.getByRole('row', { name: /^online other/ }).waitFor();
    expect(await page.getByRole('row', { name: /team-ben/ }).count()).toBe(0);
    await page.getByLabel('Identity begins with').fill('team-');
    await page.getByRole('row', { name: /other/ }).waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /^online team-ann/ }).waitFor();
    expect(page.url()).toMatch(/state=online&prefix=team-$/);
    await page.getByLabel('offline').click({ force: true });
    await page.getByText('No User matches').waitFor();
    await page.getByLabel('all', { exact: true }).click({ force: true });
    await page.getByRole('row', { name: /^unknown team-ben/ }).waitFor();
  });

  it('is live: it follows the change feed, also of the flag of the Service', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Live' });
    const setEnabled = (isEnabled: boolean) =>
      world.program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: String(isEnabled) });
    await setEnabled(true);
    await world.program.post(`/v2/Services/${sid}/Users`, { Identity: 'lea' });
    const page = await world.browser.signedIn(world.account, `/services/${sid}/users`);
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await page.getByRole('row', { name: /^unknown lea/ }).waitFor();
    await world.program.post(`/v2/Services/${sid}/Users/lea/Connections`, { Ttl: '600' });
    await page.getByRole('row', { name: /^online lea/ }).waitFor();
    await setEnabled(false);
    await page.getByRole('row', { name: /^unknown lea/ }).waitFor();
    await page.getByRole('switch', { checked: false }).waitFor();
    await setEnabled(true);
    await world.program.delete(`/v2/Services/${sid}/Users/lea`);
    await page.getByRole('row', { name: /^deleted lea/ }).waitFor();
  });

  it('counts who is online, and draws it over time', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Counted' });
    await world.program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: 'true' });
    const connectUser = async (identity: string): Promise<void> => {
      await world.program.post(`/v2/Services/${sid}/Users`, { Identity: identity });
      await world.program.post(`/v2/Services/${sid}/Users/${identity}/Connections`, { Ttl: '600' });
    };
    await connectUser('one');
    const page = await world.browser.signedIn(world.account);
    await page.getByRole('row', { name: /^Counted .* 1 of 1/ }).waitFor();
    await page.getByRole('link', { name: 'Counted' }).click();
    await page.getByRole('link', { name: 'Summary' }).click();
    const online = page.getByRole('definition').first();
    await online.filter({ hasText: /^1$/ }).waitFor();
    await page.getByRole('img', { name: /the latest: 1 online, 0 offline, 0 unknown/ }).waitFor();
    await connectUser('two');
    await online.filter({ hasText: /^2$/ }).waitFor();
  });

  it('draws only the rows that are seen, and loads pages while it is scrolled', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Crowded' });
    const create = (identity: string) =>
      world.program.post(`/v2/Services/${sid}/Users`, { Identity: identity });
    const identities = Array.from({ length: 250 }, (_, index) => `user-${index}`);
    for (const batch of [identities.slice(0, 125), identities.slice(125)]) {
      await Promise.all(batch.map(create));
    }
    const last = (await create('the-last')).sid;
    const page = await world.browser.signedIn(world.account, `/services/${sid}/users`);
    const rows = page.getByRole('rowgroup', { name: 'Rows' });
    await rows.getByRole('row').first().waitFor();
    const link = page.locator(`a[href$="${last}"]`);
    while ((await link.count()) === 0) await rows.press('End');
    await page.getByText('251 Users', { exact: true }).waitFor();
    expect(await rows.getByRole('row').count()).toBeLessThan(100);
  });

  it('enables reachability at once, and disables it after a question', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Switched' });
    const isEnabled = async () =>
      (await world.program.get(`/v2/Services/${sid}`)).body['reachability_enabled'];
    const page = await world.browser.signedIn(world.account);
    const name = 'Reachability of Switched';
    const toggle = page.getByRole('switch', { name });
    await toggle.click();
    await page.getByRole('switch', { name, checked: true }).waitFor();
    expect(await isEnabled()).toBe(true);
    await toggle.click();
    const question = page.getByRole('dialog', { name: 'Disable reachability?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await isEnabled()).toBe(true);
    await toggle.click();
    await question.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('switch', { name, checked: false }).waitFor();
    expect(await isEnabled()).toBe(false);
  });

  it('says that a key without the scope may not switch', async () => {
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: 'Untouched' });
    const page = await world.browser.signedIn(await world.createKey('read'));
    await page.getByRole('switch', { name: 'Reachability of Untouched' }).click();
    await page
      .getByRole('alert')
      .getByText(/^Not allowed: /)
      .waitFor();
    expect((await world.program.get(`/v2/Services/${sid}`)).body['reachability_enabled']).toBe(
      false,
    );
  });

  it('says that a key which may only sign is not allowed to see anything', async () => {
    const page = await world.browser.signedIn(await world.createKey('sign'), users());
    await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
  });

  it('signs out by itself when its key is revoked', async () => {
    const key = await world.createKey('read');
    const page = await world.browser.signedIn(key);
    await page.getByRole('link', { name: 'Support desk' }).waitFor();
    await world.program.delete(`/v2/ApiKeys/${key.username}`);
    await page
      .getByRole('alert')
      .getByText(/no longer valid/)
      .waitFor();
  });

  it('says that the pages may be out of date while the read model is behind', async () => {
    const page = await world.browser.page();
    await page.route('**/v2/Services?*', async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'x-read-model': 'behind' };
      await route.fulfill({ response, headers });
    });
    await signIn(page, world.account);
    await page
      .getByRole('status')
      .getByText(/may be out of date/)
      .waitFor();
  });

  it('says that the service cannot be reached, and tries again', async () => {
    const page = await world.browser.signedIn(world.account);
    const path = `**/v2/Services/${world.service}/Users?*`;
    await page.route(path, (route) => route.fulfill({ status: 503, body: 'No server' }));
    await page.getByRole('link', { name: 'Support desk' }).click();
    await page.getByRole('heading', { name: 'Error 503' }).waitFor();
    await page.unroute(path);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: 'Users' }).waitFor();
  });

  it('shows hostile names as text', async () => {
    const markup = '<img src=x onerror="document.title=`hacked`">';
    const names = [markup, 'evil\u202egnp.exe', '\u{1f600}'.repeat(256)];
    const { sid } = await world.program.post('/v2/Services', { FriendlyName: markup });
    for (const name of names) {
      const form = { Identity: name, FriendlyName: name, Attributes: JSON.stringify({ name }) };
      await world.program.post(`/v2/Services/${sid}/Users`, form);
    }
    const page = await world.browser.signedIn(world.account);
    for (const name of names) {
      // It would be read as "evil", and then "exe.png".
      const shown = name.replace('\u202e', '\\u202e');
      await page.getByRole('link', { name: 'Services', exact: true }).first().click();
      await page.getByRole('link', { name: markup }).click();
      // The list of Services, which is there a moment longer, has a link of the same name.
      const identity = page
        .getByRole('table', { name: 'Users' })
        .getByRole('link', { name: shown, exact: true })
        .locator('bdi');
      await identity.click();
      await page.getByRole('heading', { name: 'Why' }).waitFor();
      const heading = page.getByRole('heading', { level: 1 }).locator('bdi');
      expect(await heading.textContent()).toBe(shown);
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).not.toBe('hacked');
  });

  // Keep this the last one: it says what all pages before it did.
  it('violates no policy, sends nothing to another origin, and has no error', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});
