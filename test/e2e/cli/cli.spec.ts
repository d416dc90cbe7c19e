import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli, parseLines } from '../../support/cli.ts';
import { fieldsOf, textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

const NO_SERVICE = `IS${'0'.repeat(32)}`;

describe('The command line', () => {
  let directory: string;
  let cli: Cli;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'reachability-cli-'));
    cli = new Cli(join(directory, 'data'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('rejects a read from a missing data directory, and does not create it', async () => {
    const missing = join(directory, 'mistyped');
    const result = await cli.run('services', 'list', '--data-dir', missing);
    expect(result).toEqual({
      code: 3,
      stdout: '',
      stderr: `There is no data directory ${missing}\n`,
    });
    expect(existsSync(missing)).toBe(false);
  });

  it('rejects a read from a directory without an event store, and does not create one', async () => {
    const result = await cli.run('store', 'stats', '--data-dir', directory);
    expect(result.code).toBe(3);
    expect(result.stderr).toBe(`There is no event store in ${directory}\n`);
    expect(existsSync(join(directory, 'events.db'))).toBe(false);
  });

  it('shows and updates the reachability settings of a Service', async () => {
    const other = new Cli(join(directory, 'settings'));
    const { sid } = (await other.json('services', 'create', 'Hospital')) as { sid: string };
    const shown = await other.json('services', 'show', sid);
    expect(shown).toMatchObject({ service_sid: sid, grace_seconds: 5, watch_policy: 'all' });
    const changes = ['--watch-policy', 'granted', '--grace-seconds', '7'];
    const updated = await other.json('services', 'update', sid, ...changes);
    expect(updated).toMatchObject({ grace_seconds: 7, watch_policy: 'granted' });
    expect((await other.run('services', 'show', sid)).stdout).toBe(
      `${sid} (Hospital)\nreachability: disabled\ngrace period: 7 s\nwatch policy: granted\n`,
    );
    const { stdout } = await other.run('events', 'replay', '--type', 'ServiceUpdated', '--json');
    expect(parseLines(stdout)).toMatchObject([
      {
        data: { changes: { graceSeconds: 7, watchPolicy: 'granted' } },
        actor: `cli:${userInfo().username}`,
      },
    ]);
    for (const wrong of [[], ['--watch-policy', 'some'], ['--grace-seconds', '61']]) {
      expect((await other.run('services', 'update', sid, ...wrong)).code).toBe(2);
    }
    expect((await other.run('services', 'show', NO_SERVICE)).code).toBe(2);
  });

  it('creates, lists, enables and disables Services without a server', async () => {
    const created = await cli.json('services', 'create', 'Support desk');
    expect(created).toMatchObject({ friendly_name: 'Support desk', reachability_enabled: false });
    const { sid } = created as { sid: string };
    expect(await cli.json('services', 'list')).toEqual({ services: [created] });
    expect((await cli.run('services', 'list')).stdout).toMatch(
      new RegExp(`^SID .*\n${sid}  disabled  .*  Support desk\n$`),
    );
    expect(await cli.json('services', 'enable', sid)).toMatchObject({ reachability_enabled: true });
    expect((await cli.run('services', 'enable', sid)).stdout).toBe(
      `Reachability is already enabled for ${sid} (Support desk)\n`,
    );
    expect(await cli.json('services', 'disable', sid)).toMatchObject({
      reachability_enabled: false,
    });
    const actor = `cli:${userInfo().username}`;
    expect(await cli.json('audit', 'service', sid)).toMatchObject({
      reachability_enabled: false,
      changes: [
        { type: 'ServiceCreated', actor },
        { type: 'ReachabilityEnabled', actor },
        { type: 'ReachabilityDisabled', actor },
      ],
    });
  });

  it('escapes control characters of a name', async () => {
    const { stdout } = await cli.run('services', 'create', 'a\nb\u001b[31m');
    expect(stdout).toMatch(/^Created IS[0-9a-f]{32} \(a\\u000ab\\u001b\[31m\)\n$/);
  });

  it.each([
    ['an unknown command', ['services', 'lst'], /^unknown command 'lst'/],
    ['an unknown option', ['services', 'list', '--all'], /^unknown option '--all'/],
    ['a missing argument', ['services', 'create'], /^missing required argument 'name'/],
    ['a missing Service', ['users', 'list'], /^required option '--service <sid>' not specified/],
    ['an invalid Service sid', ['services', 'enable', 'IS1'], /IS and 32 hex digits/],
    ['an unknown Service', ['services', 'enable', NO_SERVICE], /^There is no Service IS0+$/],
    ['an unknown Service of Users', ['users', 'list', '--service', NO_SERVICE], /^There is no/],
    ['an unknown Service to audit', ['audit', 'service', NO_SERVICE], /^There is no Service/],
    ['an unknown Service to follow', ['events', 'tail', '--service', NO_SERVICE], /^There is no/],
    ['an unknown stream', ['events', 'replay', '--stream', 'user-US1'], /^There is no stream/],
    ['an unknown event type', ['events', 'replay', '--type', 'Opened'], /Must be one of/],
    ['a time without a zone', ['events', 'replay', '--from', '2026-01-01T00:00'], /with its zone/],
    ['a limit of 0', ['events', 'replay', '--limit', '0'], /whole number from 1 on/],
    [
      'a window that ends before it begins',
      ['events', 'replay', '--from', '3', '--to', '2'],
      /before --from/,
    ],
    [
      'a position that is too long',
      ['events', 'replay', '--from', '1'.repeat(99)],
      /not a position/,
    ],
    ['an unknown format', ['audit', 'export', '--format', 'xml'], /Allowed choices are ndjson/],
  ])('rejects %s with one line and exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await cli.run(...args);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('rejects an invalid setting with one line and exit code 2', async () => {
    const result = await new Cli(directory, { PORT: 'many' }).run('services', 'list');
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PORT .*\n$/) });
  });

  it.each([
    [[]],
    [['services']],
    [['keys', 'create']],
    [['users', 'watch']],
    [['audit', 'user']],
    [['events', 'tail']],
  ])('prints help for %j --help', async (args) => {
    const { code, stdout } = await cli.run(...args, '--help');
    expect(stdout).toMatch(/^Usage: reachability/);
    expect(code).toBe(0);
  });
});

describe('The command line beside a server', () => {
  let program: Program;
  let cli: Cli;
  let service: string;
  let alice: string;

  beforeAll(async () => {
    program = await startProgram();
    cli = new Cli(program.dataDir);
    service = (await program.post('/v2/Services', { FriendlyName: 'Desk' })).sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    alice = (await program.post(`/v2/Services/${service}/Users`, { Identity: 'alice' })).sid;
    await program.post(`/v2/Services/${service}/Users`, { Identity: '=bob, "the\nbuilder"' });
  });
  afterAll(() => program.stop());

  const connections = (): string => `/v2/Services/${service}/Users/alice/Connections`;
  const connect = async (): Promise<string> =>
    (await program.post(connections(), { Ttl: '3600' })).sid;

  it('prints the same Users and Services as the server', async () => {
    const path = `/v2/Services/${service}/Users`;
    const ofServer = (await program.get(`${path}/${alice}`)).body;
    const ofCli = (await cli.json('users', 'get', 'alice', '--service', service)) as object;
    expect(withoutOrigin(ofCli)).toEqual(withoutOrigin(ofServer));
    const list = (await cli.json('users', 'list', '--service', service)) as { users: object[] };
    const { users } = (await program.get(path)).body;
    expect(withoutOrigin(list.users)).toEqual(withoutOrigin(users));
    const { services } = (await program.get('/v2/Services')).body;
    const ofList = (await cli.json('services', 'list')) as { services: object[] };
    expect(withoutOrigin(ofList.services)).toEqual(withoutOrigin(services));
  });

  it('writes a Service that the server shows at once', async () => {
    const { sid } = (await cli.json('services', 'create', 'By hand')) as { sid: string };
    expect((await program.get(`/v2/Services/${sid}`)).body).toMatchObject({ sid });
  });

  it('does not create a Service with the sid of one that exists or was deleted', async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Short-lived' });
    const create = () => cli.run('services', 'create', 'Again', '--sid', sid);
    expect(await create()).toEqual({ code: 2, stdout: '', stderr: 'Service already exists\n' });
    await program.delete(`/v2/Services/${sid}`);
    expect(await create()).toEqual({
      code: 2,
      stdout: '',
      stderr: `Service ${sid} was deleted, and its sid cannot be used again\n`,
    });
  });

  it('prints each change of watched Users until Ctrl-C, with exit code 130', async () => {
    const watch = cli.start('users', 'watch', 'alice', '--service', service, '--json');
    await watch.printed(/"snapshot"/);
    const connection = await connect();
    await watch.printed(/"is_online":true/);
    await program.delete(`${connections()}/${connection}`);
    await watch.printed(/"is_online":false/);
    const { code, stdout, stderr } = await watch.interrupt();
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    const [snapshot, opened, closed] = parseLines(stdout);
    expect(snapshot).toMatchObject({ type: 'snapshot', users: [{ sid: alice }] });
    expect(opened).toMatchObject({ type: 'change', sid: alice, event: 'ConnectionOpened' });
    expect(closed).toMatchObject({ type: 'change', sid: alice, event: 'ConnectionClosed' });
  });

  it('follows a whole Service, from now or from a version on, as the change feed shows it', async () => {
    const follow = ['users', 'watch', '--follow', '--service', service];
    const now = cli.start(...follow, '--json');
    await now.printed(/"start"/);
    const connection = await connect();
    await now.printed(/"is_online":true/);
    await program.delete(`${connections()}/${connection}`);
    await now.printed(/"is_online":false/);
    const { code, stdout } = await now.interrupt();
    expect(code).toBe(130);
    const [start, opened, closed] = parseLines(stdout);
    expect(start).toMatchObject({ type: 'start', service_sid: service });
    expect(opened).toMatchObject({ type: 'change', sid: alice, reason_code: 'online' });
    expect(closed).toMatchObject({ type: 'change', sid: alice, event: 'ConnectionClosed' });
    const again = cli.start(...follow, '--since', textOf(fieldsOf(opened), 'version'));
    await again.printed(/alice {2}online: no {2}notifiable: no {2}\(ConnectionClosed\)/);
    const text = (await again.interrupt()).stdout;
    expect(text).not.toContain('ConnectionOpened');
    expect((await cli.run(...follow, '--since', 'other:5')).code).toBe(2);
    expect((await cli.run('users', 'watch', '--service', service)).stderr).toContain('--follow');
  });

  it('prints events as they are appended until SIGTERM, with exit code 130', async () => {
    const tail = cli.start('events', 'tail', '--service', service, '--type', 'ConnectionOpened');
    await tail.printed(/Following/, 'stderr');
    await program.delete(`${connections()}/${await connect()}`);
    await tail.printed(/ConnectionOpened .* by key:/);
    const { code, stdout } = await tail.interrupt('SIGTERM');
    expect(code).toBe(130);
    expect(stdout).not.toContain('ConnectionClosed');
  });

  it('explains the reachability of a User at a time in the past', async () => {
    const connection = await connect();
    const online = new Date().toISOString();
    // Of two events in one millisecond, the answer at that time is the later one's.
    await until('the next millisecond', () => Date.now() > Date.parse(online) || undefined);
    await program.delete(`${connections()}/${connection}`);
    const args = ['audit', 'user', 'alice', '--service', service];
    expect(await cli.json(...args)).toMatchObject({
      is_online: false,
      reason: 'The User has no open connection',
      events: expect.arrayContaining([expect.objectContaining({ type: 'ConnectionClosed' })]),
    });
    expect(await cli.json(...args, '--as-of', online)).toMatchObject({
      is_online: true,
      reason: 'The User has 1 open connection',
    });
    const { stdout } = await cli.run(...args, '--as-of', online);
    expect(stdout).toContain('Online:      yes\n');
    expect(stdout).toContain(`Connection ${connection} opened (http, for 3600 s unless renewed)`);
    expect(stdout).toContain('still open, so the User is online');
  });

  it('rejects a time before the User existed, with one line', async () => {
    const args = ['--service', service, '--as-of', '2020-01-01'];
    const { code, stderr } = await cli.run('audit', 'user', 'alice', ...args);
    expect(stderr).toMatch(/^User alice did not exist at 2020-01-01.*: it was created at .*\n$/);
    expect(code).toBe(2);
  });

  it('rejects a time in the future', async () => {
    const args = ['--service', service, '--as-of', '2999-01-01'];
    const { code, stderr } = await cli.run('audit', 'user', 'alice', ...args);
    expect(stderr).toBe('--as-of must not be in the future\n');
    expect(code).toBe(2);
  });

  it('replays the events of a stream between positions and times', async () => {
    const stream = ['events', 'replay', '--stream', `user-${alice}`];
    const all = (await cli.jsonLines(...stream)) as { position: string; occurred_at: string }[];
    expect(all[0]).toMatchObject({ type: 'UserCreated', revision: 0 });
    const [, second, third] = all;
    const window = ['--from', second?.position ?? '', '--to', third?.position ?? ''];
    expect(await cli.jsonLines(...stream, ...window)).toEqual([second, third]);
    expect(await cli.jsonLines(...stream, '--limit', '1')).toEqual([all[0]]);
    expect(await cli.jsonLines(...stream, '--from', second?.occurred_at ?? '')).toEqual(
      all.slice(1),
    );
  });

  it('exports the events of a window as NDJSON and as CSV without formulas', async () => {
    const records = (await cli.jsonLines('audit', 'export', '--service', service)) as object[];
    expect(records[0]).toMatchObject({ type: 'ServiceCreated', service_sid: service });
    expect(records).toContainEqual(
      expect.objectContaining({ type: 'ConnectionOpened', identity: 'alice' }),
    );
    const out = join(program.dataDir, 'audit.csv');
    const args = ['audit', 'export', '--service', service, '--format', 'csv', '--out', out];
    expect(await cli.run(...args)).toEqual({ code: 0, stdout: '', stderr: '' });
    const csv = readFileSync(out, 'utf8');
    expect(csv).toContain(`,"'=bob, ""the\nbuilder""",UserCreated,`);
    expect(csv.split('\r\n')).toHaveLength(records.length + 2);
    expect(await cli.run(...args)).toMatchObject({ code: 2, stderr: `${out} already exists\n` });
  });

  it('ends quietly once its output is closed', async () => {
    const replay = cli.start('events', 'replay', '--json');
    replay.child.stdout?.destroy();
    expect(await replay.ended()).toMatchObject({ code: 0, stderr: '' });
    const tail = cli.start('events', 'tail', '--json');
    await tail.printed(/Following/, 'stderr');
    tail.child.stdout?.destroy();
    await program.delete(`${connections()}/${await connect()}`);
    await program.delete(`${connections()}/${await connect()}`);
    expect((await tail.ended()).code).toBe(0);
  });

  it('reads up to the end of the log after the server was killed', async () => {
    await program.kill();
    expect(await cli.json('users', 'get', 'alice', '--service', service)).toMatchObject({
      sid: alice,
      is_online: false,
    });
    program = await program.restart();
  });
});

/** Returns a value without the origin of its links: the command line does not know the port that the system chose. */
function withoutOrigin(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/http:\/\/[^/]+/g, ''));
}
