import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { Cli } from '../support/cli.ts';
import { startProgram, type Program } from '../support/program.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const guide = readFileSync(join(ROOT, 'docs/migrating-from-twilio.md'), 'utf8');
const run = promisify(execFile);

/** Code blocks after each `<!-- name -->` of the guide, joined. */
function code(name: string): string {
  const blocks = guide.matchAll(new RegExp(`<!-- ${name} -->\\s+\`\`\`\\w+\\n([^]*?)\`\`\``, 'g'));
  return [...blocks].map(([, block]) => block).join('');
}

const USERS = [
  { identity: 'ann', friendlyName: 'Ann', attributes: '{"team":"north"}' },
  { identity: 'bob' },
  { identity: 'zoë / 50% 🦊', friendlyName: 'Zoë "Z"' },
  ...Array.from({ length: 120 }, (_, index) => ({ identity: `user-${index}` })),
];

/** Follows the migration guide literally. One server acts as Twilio, the other is the target. */
describe('The migration guide', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reachability-migration-'));
  let source: Program;
  let target: Program;
  let service: string;

  beforeAll(async () => {
    source = await startProgram();
    service = (await source.post('/v2/Services', { FriendlyName: 'Support' })).sid;
    const users = clientOf(source).chat.v2.services(service).users;
    await Promise.all(USERS.map((user) => users.create(user)));
    const { accountSid, authToken, apiKey } = source.credentials;
    target = await startProgram({
      env: {
        ACCOUNT_SID: accountSid,
        AUTH_TOKEN: authToken,
        API_KEYS: `${apiKey.sid}:${apiKey.secret}`,
      },
    });
  });
  afterAll(async () => {
    await Promise.all([source.stop(), target.stop()]);
    rmSync(folder, { recursive: true });
  });

  function clientOf({ url, credentials }: Program): twilio.Twilio {
    const client = twilio(credentials.accountSid, credentials.authToken);
    client.chat.baseUrl = url;
    return client;
  }

  /** Runs the guide's commands that start with `prefix` on the target server. */
  async function command(prefix: string): Promise<unknown[]> {
    const lines = code('commands')
      .split('\n')
      .filter((line) => line.startsWith(prefix));
    const cli = new Cli(target.dataDir);
    const answers: unknown[] = [];
    for (const line of lines) {
      const args = line
        .replace('$SERVICE_SID', service)
        .replace('users.ndjson', join(folder, 'users.ndjson'))
        .match(/"[^"]*"|\S+/g)!
        .map((word) => word.replaceAll('"', ''));
      answers.push(await cli.json(...args.slice(2)));
    }
    return answers;
  }

  it('moves a Service with its sid', async () => {
    const answers = await command('npx reachability services');
    expect(answers).toEqual([
      expect.objectContaining({ sid: service, friendly_name: 'Support' }),
      expect.objectContaining({ sid: service, reachability_enabled: true }),
    ]);
    const cli = new Cli(target.dataDir);
    expect(await cli.run('services', 'create', 'Again', '--sid', service)).toMatchObject({
      code: 2,
      stderr: 'Service already exists\n',
    });
  });

  it('moves its Users; a second import changes nothing', async () => {
    const script = code('export').replace(
      /^(const client = .*)$/m,
      `$1\nclient.chat.baseUrl = '${source.url}';`,
    );
    const { accountSid, authToken } = source.credentials;
    const exported = await run(NODE, ['--input-type=module', '--eval', script], {
      cwd: ROOT,
      env: {
        TWILIO_ACCOUNT_SID: accountSid,
        TWILIO_AUTH_TOKEN: authToken,
        SERVICE_SID: service,
      },
    });
    writeFileSync(join(folder, 'users.ndjson'), exported.stdout);
    const all = USERS.length;
    expect(await command('npx reachability users')).toEqual([
      { users: all, created: all, updated: 0, unchanged: 0 },
    ]);
    expect(await command('npx reachability users')).toEqual([
      { users: all, created: 0, updated: 0, unchanged: all },
    ]);
    const users = await clientOf(target).chat.v2.services(service).users.list();
    const profiles = users.map(({ identity, friendlyName, attributes }) => ({
      identity,
      friendlyName,
      attributes,
    }));
    expect(profiles).toHaveLength(all);
    expect(profiles).toEqual(
      expect.arrayContaining(
        USERS.map((user) => ({ friendlyName: null, attributes: '{}', ...user })),
      ),
    );
  });

  it('keeps access tokens that the back end makes for Twilio valid', async () => {
    const { accountSid, apiKey } = source.credentials;
    const { AccessToken } = twilio.jwt;
    const token = new AccessToken(accountSid, apiKey.sid, apiKey.secret, { identity: 'ann' });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: service }));
    const socket = new WebSocket(
      `${target.url.replace(/^http/, 'ws')}/stream?token=${token.toJwt()}`,
    );
    const first = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => resolve(String(data)));
      socket.addEventListener('close', ({ code: closed }) => reject(new Error(String(closed))));
    });
    expect(JSON.parse(first)).toMatchObject({ type: 'ready', identity: 'ann' });
    const ann = await clientOf(target).chat.v2.services(service).users('ann').fetch();
    expect(ann).toMatchObject({ isOnline: true, isNotifiable: false });
    socket.close(1000);
  });
});
