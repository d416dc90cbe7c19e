import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import type { Answer, JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';

/** Identities that SQL's LIKE, UTF-16 or a normalization would confuse. */
const OTHERS = ['a%b', 'a_b', 'axb', 'A', 'é', 'e\u0301', '\u{1f600} grin', "a' OR 1=1 --"];

describe('Lists of Users over HTTP', () => {
  let program: Program;
  let service: string;
  let users: string;

  beforeAll(async () => {
    program = await startProgram();
    service = await createService(program);
    users = `/v2/Services/${service}/Users`;
    for (const identity of ['on 1', 'off 1', 'new 1', 'on 2', 'off 2', 'on 3', ...OTHERS]) {
      await program.post(users, { Identity: identity });
    }
    await program.post(`${users}/off%202/Bindings`, { BindingType: 'fcm', Address: 'a' });
    await program.post(`${users}/on%202/Bindings`, { BindingType: 'fcm', Address: 'b' });
    for (const identity of ['on 1', 'off 1', 'on 2', 'off 2', 'on 3']) {
      const path = `${users}/${encodeURIComponent(identity)}/Connections`;
      const { sid } = await program.post(path, { Ttl: '3600' });
      if (identity.startsWith('off')) await program.delete(`${path}/${sid}`);
    }
  });
  afterAll(() => program.stop());

  const query = (parameters: Readonly<Record<string, string>>): string =>
    new URLSearchParams(parameters).toString();

  /** The Users of all pages, each followed by the link of the one before. */
  async function listed(
    parameters: Readonly<Record<string, string>>,
    list = users,
  ): Promise<JsonObject[]> {
    const found: JsonObject[] = [];
    let next: string | null = `${list}?${query({ PageSize: '2', ...parameters })}`;
    while (next !== null) {
      const answer: Answer = await program.get(next.replace(program.url, ''));
      expect(answer.status).toBe(200);
      found.push(...(answer.body['users'] as JsonObject[]));
      next = (answer.body['meta'] as { next_page_url: string | null }).next_page_url;
    }
    return found;
  }
  const identities = async (parameters: Readonly<Record<string, string>>, list?: string) =>
    (await listed(parameters, list)).map(({ identity }) => identity);

  it.each([
    ['those online', { IsOnline: 'true' }, ['on 1', 'on 2', 'on 3']],
    ['those offline', { IsOnline: 'false' }, ['off 1', 'off 2']],
    ['those without an answer', { IsOnline: 'null', IdentityPrefix: 'new' }, ['new 1']],
    ['those notifiable', { IsNotifiable: 'true' }, ['on 2', 'off 2']],
    [
      'those online and not notifiable',
      { IsOnline: 'true', IsNotifiable: 'false' },
      ['on 1', 'on 3'],
    ],
    ['nobody, for answers that exclude each other', { IsOnline: 'null', IsNotifiable: 'true' }, []],
    [
      'an order of change',
      { IsOnline: 'true', Order: 'last_change:desc' },
      ['on 3', 'on 2', 'on 1'],
    ],
    [
      'an order of creation',
      { IsNotifiable: 'true', Order: 'date_created:desc' },
      ['off 2', 'on 2'],
    ],
    ['a prefix', { IdentityPrefix: 'on ' }, ['on 1', 'on 2', 'on 3']],
    ['a prefix and an answer', { IdentityPrefix: 'o', IsOnline: 'False' }, ['off 1', 'off 2']],
    ['a percent sign alone', { IdentityPrefix: 'a%' }, ['a%b']],
    ['an underscore alone', { IdentityPrefix: 'a_' }, ['a_b']],
    ['another form of the same letter', { IdentityPrefix: 'e' }, ['e\u0301']],
    ['a character outside the basic plane', { IdentityPrefix: '\u{1f600}' }, ['\u{1f600} grin']],
    ['the end of all characters', { IdentityPrefix: '\u{10ffff}' }, []],
    ['a quotation mark', { IdentityPrefix: "a'" }, ["a' OR 1=1 --"]],
  ])('have %s', async (_, parameters, expected) => {
    expect(await identities(parameters)).toEqual(expected);
  });

  it('carry real values with a filter or an order, and null without, as Twilio’s', async () => {
    const on = { identity: 'on 2', is_online: true, is_notifiable: true };
    for (const parameters of [
      { IsOnline: 'true' },
      { Order: 'date_created' },
      { IdentityPrefix: 'o' },
    ]) {
      expect(await listed(parameters)).toContainEqual(expect.objectContaining(on));
    }
    for (const user of await listed({})) {
      expect(user).toMatchObject({ is_online: null, is_notifiable: null });
    }
  });

  it('are the same under /v1', async () => {
    const list = users.replace('/v2', '/v1');
    expect(await identities({ IsOnline: 'true' }, list)).toEqual(['on 1', 'on 2', 'on 3']);
  });

  it.each([
    ['IsOnline', 'yes'],
    ['IsOnline', ''],
    ['IsNotifiable', '1'],
    ['IdentityPrefix', ''],
    ['IdentityPrefix', 'x'.repeat(513)],
    ['IdentityPrefix', 'a\u0000'],
    ['Order', 'identity'],
    ['Order', 'last_change:up'],
    ['Order', 'toString'],
  ])('refuse the wrong value of %s, %j, by name', async (name, value) => {
    const answer = await program.get(`${users}?${query({ [name]: value })}`);
    expect([answer.status, answer.body['code']]).toEqual([400, 20001]);
    expect(answer.body['message']).toMatch(new RegExp(`^${name} `));
  });

  it.each(['IsOnline=true&IsOnline=false', 'IdentityPrefix=a&IdentityPrefix=b', 'Order=a&Order=b'])(
    'refuse a parameter that is given twice: %s',
    async (twice) => {
      expect((await program.get(`${users}?${twice}`)).status).toBe(400);
    },
  );

  it('do not show a Service that does not exist', async () => {
    const answer = await program.get(`/v2/Services/IS${'0'.repeat(32)}/Users?IsOnline=true`);
    expect(answer.status).toBe(404);
  });

  it('are the same on the command line', async () => {
    const cli = new Cli(program.dataDir);
    const filters = ['--online', 'true', '--prefix', 'on', '--order', 'last_change:desc'];
    const found = await cli.json('users', 'list', '--service', service, ...filters);
    expect(found).toMatchObject({
      users: [
        { identity: 'on 3', is_online: true },
        { identity: 'on 2', is_online: true, is_notifiable: true },
        { identity: 'on 1', is_online: true },
      ],
    });
    const wrong = await cli.run('users', 'list', '--service', service, '--order', 'name');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('--order') });
  });

  it('answer at once after the flag of the Service was changed twice', async () => {
    for (const value of ['false', 'true']) {
      await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: value });
    }
    expect(await identities({ IsOnline: 'true' })).toEqual([]);
    expect(await identities({ IsOnline: 'null', IdentityPrefix: 'o' })).toHaveLength(5);
    await program.post(`${users}/on%203/Connections`, { Ttl: '3600' });
    expect(await identities({ IsOnline: 'true' })).toEqual(['on 3']);
  });
});
