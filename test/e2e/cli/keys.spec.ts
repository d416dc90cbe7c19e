import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import type { BasicCredentials, JsonObject } from '../../support/http-client.ts';
import { textOf } from '../../support/fields.ts';
import { mintToken } from '../../support/mint-token.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import { connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const NO_KEY = `SK${'0'.repeat(32)}`;

interface Key extends BasicCredentials {
  readonly json: JsonObject;
}

describe('The command line, for API keys beside a server', () => {
  let program: Program;
  let cli: Cli;
  let service: string;

  beforeAll(async () => {
    program = await startProgram();
    cli = new Cli(program.dataDir);
    service = await createService(program);
  });
  afterAll(() => program.stop());

  async function createKey(...args: readonly string[]): Promise<Key> {
    const json = (await cli.json('keys', 'create', 'by hand', ...args)) as JsonObject;
    return { username: textOf(json, 'sid'), password: textOf(json, 'secret'), json };
  }

  const statusWith = async (auth: BasicCredentials, path = '/v2/Services') =>
    (await program.get(path, { auth })).status;

  /** Waits until the server answers requests of a key with a status. */
  const untilStatus = (status: number, key: BasicCredentials) =>
    until(
      `${key.username} to get ${status}`,
      async () => (await statusWith(key)) === status || undefined,
    );

  it('creates a key that the server accepts, with its limits', async () => {
    const foreign = await createService(program);
    const key = await createKey('--scope', 'read', '--service', service);
    await untilStatus(200, key);
    expect(await statusWith(key, `/v2/Services/${service}`)).toBe(200);
    expect(await statusWith(key, `/v2/Services/${foreign}`)).toBe(404);
    const post = await program.post(`/v2/Services/${service}`, {}, { auth: key });
    expect(post.status).toBe(403);
  });

  it('prints a key as the server does, and its secret only once', async () => {
    const args = ['--scope', 'read', '--scope', 'sign', '--expires-at', '2099-01-01T00:00:00Z'];
    const { json, username, password } = await createKey(...args);
    const { secret, ...shown } = json;
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(shown).toMatchObject({
      friendly_name: 'by hand',
      scopes: ['read', 'sign'],
      services: null,
      date_expires: '2099-01-01T00:00:00Z',
    });
    const { body } = await program.get(`/v2/ApiKeys/${username}`);
    expect(withoutOrigin(shown)).toEqual(withoutOrigin(body));
    const list = (await cli.json('keys', 'list')) as { api_keys: JsonObject[] };
    expect(list.api_keys).toContainEqual(shown);
    const table = await cli.run('keys', 'list');
    expect(table.stdout).toMatch(new RegExp(`^${username}  read,sign  all  .*  by hand$`, 'm'));
    const replayed = await cli.run('events', 'replay', '--stream', `key-${username}`, '--json');
    for (const { stdout } of [table, replayed]) expect(stdout).not.toContain(password);
  });

  it('names the user of the operating system as the actor', async () => {
    const { username } = await createKey('--scope', 'admin');
    const [created] = await cli.jsonLines('events', 'replay', '--stream', `key-${username}`);
    expect(created).toMatchObject({
      type: 'ApiKeyCreated',
      actor: `cli:${userInfo().username}`,
    });
  });

  it('revokes a key, which the server refuses from then on, and whose sockets it closes', async () => {
    const key = await createKey('--scope', 'read', '--scope', 'sign');
    await untilStatus(200, key);
    const apiKey = { sid: key.username, secret: key.password };
    const token = mintToken({ ...program.credentials, apiKey }, service, 'alice');
    const client = connect(program, token);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    const revoked = await cli.run('keys', 'revoke', key.username);
    expect(revoked).toEqual({
      code: 0,
      stdout: `Revoked ${key.username} (by hand)\n`,
      stderr: '',
    });
    expect((await client.closed).code).toBe(4401);
    await untilStatus(401, key);
    expect(await cli.run('keys', 'revoke', key.username)).toMatchObject({
      code: 2,
      stderr: `There is no API key ${key.username}\n`,
    });
  });

  it('rotates a key, with or without an overlap', async () => {
    const key = await createKey('--scope', 'sign', '--scope', 'read');
    await untilStatus(200, key);
    const overlap = ['--overlap-seconds', '600'];
    const rotated = (await cli.json('keys', 'rotate', key.username, ...overlap)) as JsonObject;
    expect(rotated['previous_secret_expires']).toEqual(expect.any(String));
    const second = { ...key, password: textOf(rotated, 'secret') };
    await untilStatus(200, second);
    expect(await statusWith(key)).toBe(200);

    const { stdout, stderr } = await cli.run('keys', 'rotate', key.username);
    expect(stderr).toBe('Keep the secret: it is not shown again\n');
    const [, secret = ''] = /^API key: +SK\w+\nSecret: +(\S+)\n$/.exec(stdout) ?? [];
    await untilStatus(200, { ...key, password: secret });
    for (const old of [key, second]) expect(await statusWith(old)).toBe(401);
    expect(await cli.run('projections', 'verify', 'users')).toMatchObject({ code: 0 });
  });

  it.each([
    ['a key without a scope', ['create', 'x'], /^required option '--scope <scope>'/],
    ['an unknown scope', ['create', 'x', '--scope', 'boss'], /admin, read, sign/],
    [
      'an unknown Service',
      ['create', 'x', '--scope', 'read', '--service', `IS${'0'.repeat(32)}`],
      /^There is no Service IS0+$/,
    ],
    [
      'an expiry in the past',
      ['create', 'x', '--scope', 'read', '--expires-at', '2020-01-01T00:00:00Z'],
      /^--expires-at must be in the future$/,
    ],
    ['a malformed sid', ['revoke', 'SK1'], /SK and 32 hex digits/],
    ['an unknown key to revoke', ['revoke', NO_KEY], /^There is no API key SK0+$/],
    ['an unknown key to rotate', ['rotate', NO_KEY], /^There is no API key SK0+$/],
    ['an overlap of years', ['rotate', NO_KEY, '--overlap-seconds', '99999999'], /0 to 604800/],
  ])('rejects %s with one line and exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await cli.run('keys', ...args);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

/** Returns a value without the origin of its links: the command line does not know the port that the system chose. */
function withoutOrigin(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/http:\/\/[^/]+/g, ''));
}
