import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'playwright-core';
import { chromiumPath } from '../../support/chromium.ts';
import { ConsoleBrowser } from '../../support/console-browser.ts';
import { openConsoleWorld, type ConsoleWorld } from '../../support/console-world.ts';
import { appendToUser, rename } from '../../support/poison-events.ts';
import { startProgram } from '../../support/program.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('what operators do in the console', () => {
  let world: ConsoleWorld;

  beforeAll(async () => {
    world = await openConsoleWorld({ env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
  });

  afterAll(async () => {
    await world.close();
  });

  it('creates a key, whose secret is shown once and works, and revokes it', async () => {
    const page = await world.browser.signedIn(world.account, '/keys');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('Chat back end');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    const issued = page.getByRole('dialog', { name: 'The secret is shown only now' });
    const username = (await issued.getByLabel('SID', { exact: true }).textContent()) ?? '';
    const password = (await issued.getByLabel('secret', { exact: true }).textContent()) ?? '';
    const auth = { username, password };
    expect((await world.program.get('/v2/Services', { auth })).status).toBe(200);
    expect((await world.program.post('/v2/Services', {}, { auth })).status).toBe(403);
    await issued.getByRole('button', { name: 'Done' }).click();
    await issued.waitFor({ state: 'detached' });
    expect(await page.getByText(password).count()).toBe(0);
    await page.getByRole('button', { name: 'Revoke Chat back end' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke Chat back end' }).waitFor({ state: 'detached' });
    expect((await world.program.get('/v2/Services', { auth })).status).toBe(401);
  });

  it('says why a key cannot be created', async () => {
    const page = await world.browser.signedIn(world.account, '/keys');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByLabel('Name').fill('Nothing');
    await page.getByLabel(/^read/).uncheck();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page
      .getByRole('alert')
      .getByText(/Scopes/)
      .waitFor();
  });

  it('sends a webhook again that was not delivered', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = () => ({ status: 500 });
    await world.program.post(`/v2/Services/${world.service}`, {
      PostWebhookUrl: receiver.url,
      WebhookFilters: 'onUserUpdated',
    });
    await world.createUser('hooked');
    await world.connect('hooked');
    const page = await world.browser.signedIn(world.account, `/services/${world.service}/webhooks`);
    const failed = page.getByRole('row', { name: /^failed onUserUpdated/ });
    await failed.getByText('500').waitFor();
    const isRetry = (response: Response) => response.url().endsWith('/Retries');
    const [retried] = await Promise.all([
      page.waitForResponse(isRetry),
      failed.getByRole('button', { name: /^Retry/ }).click(),
    ]);
    expect(retried.status()).toBe(200);
    receiver.answer = () => ({ status: 200 });
    await page.getByRole('row', { name: /^delivered onUserUpdated/ }).waitFor();
    await receiver.stop();
  });

  it('shows the nodes with their leases, and the projections with their lag', async () => {
    const page = await world.browser.signedIn(world.account, '/nodes');
    await page.getByRole('row', { name: /^node-1 running held/ }).waitFor();
    await page.getByRole('link', { name: 'Projections' }).click();
    for (const name of ['users', 'timeline', 'summary']) {
      await page.getByRole('region', { name }).getByText('up to date').waitFor();
    }
  });

  it('rebuilds a projection, verifies it, switches back and drops a version', async () => {
    const page = await world.browser.signedIn(world.account, '/projections');
    const timeline = page.getByRole('region', { name: 'timeline' });
    await timeline.getByRole('button', { name: 'Rebuild' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Rebuild' }).click();
    await timeline
      .getByRole('listitem')
      .filter({ hasText: /^rebuild succeeded/ })
      .waitFor();
    await timeline.getByRole('row', { name: /^2 live/ }).waitFor();
    await timeline.getByRole('button', { name: 'Verify' }).click();
    const verified = timeline.getByRole('listitem').filter({ hasText: /^verify succeeded/ });
    await verified.getByText(/no difference/).waitFor();
    await timeline.getByRole('button', { name: 'Switch to version 1' }).click();
    await timeline.getByRole('row', { name: /^1 live/ }).waitFor();
    await timeline.getByRole('button', { name: 'Drop version 2' }).click();
    await timeline.getByRole('row', { name: /^2 / }).waitFor({ state: 'detached' });
  });

  it('tries dead letters again, and skips one for good', async () => {
    await world.createUser('poisoned');
    const append = (name: string, version: number) =>
      appendToUser(
        world.program,
        world.service,
        'poisoned',
        rename(world.service, 'poisoned', name, version),
      );
    await append('from the future', 99);
    await append('after it', 1);
    const page = await world.browser.signedIn(world.account, '/projections');
    const users = page.getByRole('region', { name: 'users' });
    const poison = users.getByRole('row', { name: /^UserUpdated .*@1/ });
    const waiting = users.getByRole('row', { name: /waits for an earlier event/ });
    await poison.waitFor();
    await waiting.waitFor();
    await users.getByRole('button', { name: 'Retry all' }).click();
    const jobs = users.getByRole('listitem');
    await jobs.filter({ hasText: /^retry succeeded2 dead letters remain/ }).waitFor();
    await poison.getByRole('button', { name: /^Skip user-/ }).click();
    await jobs.filter({ hasText: /^skip succeeded/ }).waitFor();
    await poison.waitFor({ state: 'detached' });
    await waiting.waitFor({ state: 'detached' });
    const { body } = await world.program.get(`/v2/Services/${world.service}/Users/poisoned`);
    expect(body['friendly_name']).toBe('after it');
  });

  it('says that a key to read may not rebuild', async () => {
    const page = await world.browser.signedIn(await world.createKey('read'), '/projections');
    const users = page.getByRole('region', { name: 'users' });
    await users.getByRole('button', { name: 'Verify' }).click();
    await users
      .getByRole('alert')
      .getByText(/^Not allowed: /)
      .waitFor();
  });

  it('tells who switched a Service, and from where', async () => {
    const page = await world.browser.signedIn(world.account, `/services/${world.service}/events`);
    await page.getByText('Reachability was enabled for the Service').click();
    await page.getByText(`"actor": "key:${world.account.username}"`).first().waitFor();
  });

  // Keep this the last one: it says what all pages before it did.
  it('violates no policy, sends nothing to another origin, and has no error', () => {
    expect(world.browser.complaints).toEqual([]);
  });
});

describeInBrowser('a job that no worker has taken', () => {
  it('is cancelled in the console', async () => {
    const first = await startProgram();
    const program = await first.restart({ env: { ROLE: 'api' }, untilReady: false });
    const browser = await ConsoleBrowser.open(program.url);
    try {
      await program.post('/v2/Projections/users/Jobs', { Kind: 'verify' });
      const { accountSid: username, authToken: password } = program.credentials;
      const page = await browser.signedIn({ username, password }, '/projections');
      const job = page.getByRole('region', { name: 'users' }).getByRole('listitem');
      await job
        .filter({ hasText: /^verify queued/ })
        .getByRole('button', { name: 'Cancel' })
        .click();
      await job.filter({ hasText: /^verify cancelled/ }).waitFor();
      expect(await job.getByRole('button', { name: 'Cancel' }).count()).toBe(0);
    } finally {
      await browser.close();
      await program.stop();
    }
  });
});
