import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromiumPath } from '../../support/chromium.ts';
import { openConsoleWorld, type ConsoleWorld } from '../../support/console-world.ts';
import { accessToken, connect } from '../../support/stream-client.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('the page of a User in the console', () => {
  let world: ConsoleWorld;

  beforeAll(async () => {
    world = await openConsoleWorld();
  });

  afterAll(async () => {
    await world.close();
  });

  /** Opens the page of a new User who connected twice; the second Connection is open. */
  async function openPageOf(identity: string, query = '') {
    const sid = await world.createUser(identity);
    const disconnect = await world.connect(identity, 'tablet');
    await disconnect();
    const { body } = await world.program.get(reachability(sid));
    await world.connect(identity, 'laptop');
    const page = await world.browser.signedIn(
      world.account,
      `/services/${world.service}/users/${sid}${query}`,
    );
    return { page, sid, wasOfflineSince: body['since'] };
  }

  const reachability = (sid: string) => `/v2/Services/${world.service}/Users/${sid}/Reachability`;

  it('has the answer with its reason, the open Connections and the events behind it', async () => {
    const { page } = await openPageOf('alice');
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('online', { exact: true }).first().waitFor();
    await answer.getByText('The User has 1 open connection.').waitFor();
    const connections = page.getByRole('region', { name: 'Open connections' });
    await connections.getByRole('cell', { name: 'laptop' }).waitFor();
    const why = page.getByRole('region', { name: 'Why' });
    await why.getByText(/the first connect since reachability was enabled/).waitFor();
    await why.getByText('ConnectionOpened').last().click();
    await why.getByText('"correlation_id"').last().waitFor();
  });

  it('names the node that holds a socket', async () => {
    const client = connect(world.program, accessToken(world.program, world.service, 'sock'));
    await client.next();
    const { sid } = await world.program.get(`/v2/Services/${world.service}/Users/sock`);
    const page = await world.browser.signedIn(
      world.account,
      `/services/${world.service}/users/${sid}`,
    );
    const connections = page.getByRole('region', { name: 'Open connections' });
    await connections.getByRole('cell', { name: 'node-1' }).waitFor();
    client.send({ type: 'bye' });
    await connections.getByText('None is open.').waitFor();
    await page.getByRole('region', { name: 'Answer' }).getByText('offline').first().waitFor();
  });

  it('answers what it was at a time, and comes back to now', async () => {
    const { page, wasOfflineSince } = await openPageOf('bob');
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('The User has 1 open connection.').waitFor();
    await page.getByText('The same as a table').click();
    const past = page.getByRole('row', { name: /^offline/ });
    await past.getByRole('button', { name: 'Show' }).click();
    await answer.getByText('offline', { exact: true }).first().waitFor();
    expect(new URL(page.url()).searchParams.get('at')).toBe(wasOfflineSince);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await answer.getByText('The User has 1 open connection.').waitFor();
  });

  it('says that the User did not exist before', async () => {
    const { page } = await openPageOf('carol');
    await page.getByLabel('What was it at').fill('2001-02-03T04:05:06');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('The User did not exist at that time.').waitFor();
  });

  it('has a timeline that zooms by buttons and by keys, and asks for the time of a click', async () => {
    const { page } = await openPageOf('dave');
    const timeline = page.getByRole('group', { name: /^Timeline/ });
    const bands = timeline.locator('rect');
    await bands.first().waitFor();
    expect(await bands.count()).toBeGreaterThanOrEqual(3);
    const all = page.getByRole('button', { name: 'All', exact: true });
    await timeline.press('0');
    await page.getByRole('button', { name: 'All', exact: true, disabled: true }).waitFor();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await all.click();
    await page.getByRole('button', { name: 'All', exact: true, disabled: true }).waitFor();
    await timeline.press('+');
    await timeline.press('ArrowLeft');
    await timeline.click();
    await page.getByRole('button', { name: 'Back to now' }).waitFor();
  });

  it('shows the same as a call of curl and of the command line, without a secret', async () => {
    const { page, sid } = await openPageOf('erin');
    await page.getByRole('button', { name: 'Copy as…' }).first().click();
    const curl = await page.getByLabel('curl', { exact: true }).textContent();
    expect(curl).toBe(
      `curl -u "$ACCOUNT_SID:$AUTH_TOKEN" '${world.program.url}/v2/Services/${world.service}/Users/${sid}/Reachability/Explanation'`,
    );
    const cli = await page.getByLabel('command line', { exact: true }).textContent();
    expect(cli).toBe(`npx reachability audit user ${sid} --service ${world.service}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('lists the events of one type', async () => {
    const { page } = await openPageOf('frank');
    const events = page.getByRole('region', { name: 'All events' });
    const created = events.getByRole('listitem').filter({ hasText: 'UserCreated' });
    await created.waitFor();
    await events.getByLabel('Type').selectOption('ConnectionClosed');
    await events.getByRole('listitem').filter({ hasText: 'ConnectionClosed' }).waitFor();
    expect(await events.getByRole('listitem').count()).toBe(1);
  });

  // Keep this the last one: it says what all pages before it did.
  it('violates no policy, sends nothing to another origin, and has no error', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});
