import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromiumPath } from '../support/chromium.ts';
import { ConsoleBrowser, signIn } from '../support/console-browser.ts';
import type { BasicCredentials } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect } from '../support/stream-client.ts';

const describeInBrowser = chromiumPath === undefined ? describe.skip : describe;

describeInBrowser('the console', () => {
  let program: Program;
  let browser: ConsoleBrowser;
  let service: string;

  beforeAll(async () => {
    program = await startProgram();
    ({ sid: service } = await program.post('/v2/Services', { FriendlyName: 'Support desk' }));
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    browser = await ConsoleBrowser.open(program.url);
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  const account = () => ({
    username: program.credentials.accountSid,
    password: program.credentials.authToken,
  });
  /** Creates an API key with one scope. */
  async function createKey(scope: string): Promise<BasicCredentials> {
    const { body, sid } = await program.post('/v2/ApiKeys', {
      FriendlyName: 'A key',
      Scopes: scope,
    });
    const { secret } = body;
    if (typeof secret !== 'string') throw new Error('The key has no secret');
    return { username: sid, password: secret };
  }
  const users = () => `/services/${service}/users`;

  it('asks for a SID and a secret, and says so when they are wrong', async () => {
    const page = await browser.page();
    await signIn(page, { ...account(), password: 'wrong' });
    await page.getByRole('alert').getByText('Wrong SID or secret.').waitFor();
    await signIn(page, account());
    await page.getByRole('heading', { name: 'Services' }).waitFor();
    expect(
      await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]'),
    ).toEqual([0, 0, '']);
  });

  it('takes an API key as well, and forgets it when the page is loaded again', async () => {
    const { sid, secret } = program.credentials.apiKey;
    const page = await browser.signedIn({ username: sid, password: secret });
    await page.getByText(sid).waitFor();
    await page.reload();
    await page.getByLabel('Secret').waitFor();
  });

  it('leads from the name of a Service to its Users, each with its state as a word', async () => {
    for (const identity of ['unseen', 'present', 'gone']) {
      await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    }
    const connections = (user: string) => `/v2/Services/${service}/Users/${user}/Connections`;
    await program.post(connections('present'), { Ttl: '600' });
    const { sid } = await program.post(connections('gone'), { Ttl: '600' });
    await program.delete(`${connections('gone')}/${sid}`);
    const page = await browser.signedIn(account());
    await page.getByRole('link', { name: 'Support desk' }).click();
    await page.getByRole('row', { name: /^unknown unseen/ }).waitFor();
    await page.getByRole('row', { name: /^online present no push/ }).waitFor();
    await page.getByRole('row', { name: /^offline gone no push/ }).waitFor();
  });

  it('shows within seconds that a client connects and leaves', async () => {
    await program.post(`/v2/Services/${service}/Users`, { Identity: 'dora' });
    const page = await browser.signedIn(account(), users());
    await page.getByRole('row', { name: /^unknown dora/ }).waitFor();
    const client = connect(program, accessToken(program, service, 'dora'));
    await page.getByRole('row', { name: /^online dora/ }).waitFor();
    client.send({ type: 'bye' });
    await page.getByRole('row', { name: /^offline dora/ }).waitFor();
  });

  it('enables reachability at once, and disables it after a question', async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Switched' });
    const isEnabled = async () =>
      (await program.get(`/v2/Services/${sid}`)).body['reachability_enabled'];
    const page = await browser.signedIn(account());
    const toggle = page.getByRole('switch', { name: 'Reachability of Switched' });
    await toggle.click();
    await page.getByRole('switch', { name: 'Reachability of Switched', checked: true }).waitFor();
    expect(await isEnabled()).toBe(true);
    await toggle.click();
    const question = page.getByRole('dialog', { name: 'Disable reachability?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    expect(await isEnabled()).toBe(true);
    await toggle.click();
    await question.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('switch', { name: 'Reachability of Switched', checked: false }).waitFor();
    expect(await isEnabled()).toBe(false);
  });

  it('says that a key without the scope may not switch', async () => {
    const key = await createKey('read');
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Untouched' });
    const page = await browser.signedIn(key);
    await page.getByRole('switch', { name: 'Reachability of Untouched' }).click();
    await page
      .getByRole('alert')
      .getByText(/^Not allowed: /)
      .waitFor();
    expect((await program.get(`/v2/Services/${sid}`)).body['reachability_enabled']).toBe(false);
  });

  it('says that a key which may only sign is not allowed to see anything', async () => {
    const key = await createKey('sign');
    const page = await browser.signedIn(key, users());
    await page.getByRole('heading', { name: 'Not allowed' }).waitFor();
  });

  it('signs out when its key is revoked', async () => {
    const key = await createKey('read');
    const page = await browser.signedIn(key);
    await program.delete(`/v2/ApiKeys/${key.username}`);
    await page.getByRole('link', { name: 'Support desk' }).click();
    await page
      .getByRole('alert')
      .getByText(/no longer valid/)
      .waitFor();
  });

  it('shows hostile names as text', async () => {
    const markup = '<img src=x onerror="document.title=`hacked`">';
    const names = [markup, 'evil\u202egnp.exe', '\u{1f600}'.repeat(256)];
    const { sid } = await program.post('/v2/Services', { FriendlyName: markup });
    for (const name of names) {
      const form = { Identity: name, FriendlyName: name, Attributes: JSON.stringify({ name }) };
      await program.post(`/v2/Services/${sid}/Users`, form);
    }
    const page = await browser.signedIn(account());
    await page.getByRole('link', { name: markup }).click();
    for (const name of names) {
      const identity = page
        .getByRole('row')
        .getByRole('link', { name, exact: true })
        .locator('bdi');
      expect(await identity.textContent()).toBe(name);
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe(`Users of ${markup} · Reachability`);
  });

  // Keep this the last one: it says what all pages before it did.
  it('violates no policy, sends nothing to another origin, and has no error', () => {
    expect(browser.complaints).toEqual([]);
  });
});
