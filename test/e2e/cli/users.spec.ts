import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { eventsIn } from '../../support/event-log.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

describe('Users on the command line', () => {
  let program: Program;
  let cli: Cli;
  let service: string;
  let path: string;

  beforeAll(async () => {
    program = await startProgram();
    cli = new Cli(program.dataDir);
    service = (await program.post('/v2/Services', { FriendlyName: 'Desk' })).sid;
    path = `/v2/Services/${service}`;
  });
  afterAll(() => program.stop());

  const file = (name: string, content: string): string => {
    const target = join(program.dataDir, name);
    writeFileSync(target, content);
    return target;
  };
  const run = (target: string) => cli.run('users', 'import', target, '--service', service);

  it('are imported beside a running server, where a second import changes nothing', async () => {
    const bob = await program.post(`${path}/Users`, { Identity: 'bob', Attributes: '{"b":1}' });
    const lines = [
      { identity: 'ann', friendlyName: 'Ann', attributes: '{"a":1}', roleSid: 'RL1' },
      { identity: 'bob', friendly_name: 'Bob' },
      { identity: 'zoë / 1' },
    ];
    const users = file('users.ndjson', lines.map((line) => JSON.stringify(line)).join('\n'));
    const before = eventsIn(program.dataDir).length;
    expect(await run(users)).toEqual({
      code: 0,
      stdout: `Imported 3 Users into ${service}: 2 created, 1 updated, 0 unchanged\n`,
      stderr: '',
    });
    expect((await program.get(`${path}/Users/ann`)).body).toMatchObject({
      friendly_name: 'Ann',
      attributes: '{"a":1}',
      role_sid: (await program.get(path)).body['default_service_role_sid'],
    });
    expect((await program.get(`${path}/Users/bob`)).body).toMatchObject({
      sid: bob.sid,
      friendly_name: 'Bob',
      attributes: '{"b":1}',
    });
    expect((await program.get(`${path}/Users/zo%C3%AB%20%2F%201`)).status).toBe(200);
    const made = eventsIn(program.dataDir).slice(before);
    expect(made.map(({ type }) => type).sort()).toEqual([
      'UserCreated',
      'UserCreated',
      'UserUpdated',
    ]);
    expect(made.every(({ data }) => !('webhookEnabled' in data))).toBe(true);
    expect(await cli.json('users', 'import', users, '--service', service)).toEqual({
      users: 3,
      created: 0,
      updated: 0,
      unchanged: 3,
    });
    expect(eventsIn(program.dataDir)).toHaveLength(before + 3);
  });

  it('are imported in batches, also where a file has a User twice', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => `user-${index % 200},Name ${index}`);
    const users = file('many.csv', ['identity,friendly_name', ...rows].join('\r\n'));
    const counts = await cli.json('users', 'import', users, '--service', service);
    expect(counts).toEqual({ users: 300, created: 200, updated: 100, unchanged: 0 });
    const user = (await program.get(`${path}/Users/user-7`)).body;
    expect(user['friendly_name']).toBe('Name 207');
  });

  it.each([
    ['an invalid line', 'bad.ndjson', '{"identity":"new"}\n{}\n', /Line 2: Missing identity/],
    ['invalid UTF-8', 'bin.ndjson', '\xff\xfe', /Invalid UTF-8/],
  ])(
    'are not imported for %s: exit code 1, and nothing is written',
    async (_, name, content, why) => {
      const users = file(name, content);
      if (name === 'bin.ndjson') writeFileSync(users, Buffer.from(content, 'latin1'));
      const before = eventsIn(program.dataDir).length;
      const { code, stdout, stderr } = await run(users);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(why);
      expect(stderr).toMatch(/Nothing was written\.\n$/);
      expect(eventsIn(program.dataDir)).toHaveLength(before);
    },
  );

  it('are not imported from a missing file or into a missing Service: exit code 2', async () => {
    expect(await run(join(program.dataDir, 'nowhere.ndjson'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such file/),
    });
    const users = file('one.ndjson', '{"identity":"one"}');
    const elsewhere = `IS${'0'.repeat(32)}`;
    expect(await cli.run('users', 'import', users, '--service', elsewhere)).toMatchObject({
      code: 2,
      stderr: `There is no Service ${elsewhere}\n`,
    });
  });

  it('have Bindings, and Services have Roles, that are listed as in REST', async () => {
    await program.post(`${path}/Users`, { Identity: 'carl' });
    const bindings = `${path}/Users/carl/Bindings`;
    await program.post(bindings, { BindingType: 'fcm', Address: 'a' });
    const elsewhere = await listed(`${path}/Users/carl/Bindings`, 'bindings');
    const ofUser = await cli.json('users', 'bindings', 'carl', '--service', service);
    expect(withoutOrigin(ofUser)).toEqual(withoutOrigin({ bindings: elsewhere }));
    const ofService = await cli.json('users', 'bindings', '--service', service);
    const all = await listed(`${path}/Bindings`, 'bindings');
    expect(withoutOrigin(ofService)).toEqual(withoutOrigin({ bindings: all }));
    const text = await cli.run('users', 'bindings', '--service', service);
    expect(text.stdout).toMatch(/^SID .*\nBS[0-9a-f]{32}  fcm   \S+Z {2,}carl\n$/);
    const roles = await cli.json('services', 'roles', service);
    expect(withoutOrigin(roles)).toEqual(
      withoutOrigin({ roles: await listed(`${path}/Roles`, 'roles') }),
    );
    expect((await cli.run('services', 'roles', service)).stdout).toContain('channel admin');
  });

  const listed = async (list: string, key: string) =>
    (await program.get(list)).body[key] as JsonObject[];
  /** Returns an answer without the origin of its links: the command line does not know the port of the server. */
  const withoutOrigin = (answer: unknown): unknown =>
    JSON.parse(JSON.stringify(answer).replaceAll(/http:\/\/[^/"]+/g, ''));
});
