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

/** What stands as code between each `<!-- name -->` and `<!-- /name -->` of the guide, in order. */
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

/** One server plays Twilio's part, another is moved to; what the guide says is done word by word. */
describe('Moving as the guide says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reachability-migration-'));
  let there: Program;
  let here: Program;
  let service: string;

  beforeAll(async () => {
    there = await startProgram();
    service = (await there.post('/v2/Services', { FriendlyName: 'Support' })).sid;
    const users = clientOf(there).chat.v2.services(service).users;
    await Promise.all(USERS.map((user) => users.create(user)));
    const { accountSid, authToken, apiKey } = there.credentials;
    here = await startProgram({
      env: {
        ACCOUNT_SID: accountSid,
        AUTH_TOKEN: authToken,
        API_KEYS: `${apiKey.sid}:${apiKey.secret}`,
      },
    });
  });
  afterAll(async () => {
    await Promise.all([there.stop(), here.stop()]);
    rmSync(folder, { recursive: true });
  });

  function clientOf({ url, credentials }: Program): twilio.Twilio {
    const client = twilio(credentials.accountSid, credentials.authToken);
    client.chat.baseUrl = url;
    return client;
  }

  /** Runs the guide's commands that begin with `beginning`, on the server that is moved to. */
  async function command(beginning: string): Promise<unknown[]> {
    const lines = code('commands')
      .split('\n')
      .filter((line) => line.startsWith(beginning));
    const cli = new Cli(here.dataDir);
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

  it('a Service keeps its sid', async () => {
    const answers = await command('npx reachability services');
    expect(answers).toEqual([
      expect.objectContaining({ sid: service, friendly_name: 'Support' }),
      expect.objectContaining({ sid: service, reachability_enabled: true }),
    ]);
    const cli = new Cli(here.dataDir);
    expect(await cli.run('services', 'create', 'Again', '--sid', service)).toMatchObject({
      code: 2,
      stderr: 'Service already exists\n',
    });
  });

  it('its Users come along, and importing them again changes nothing', async () => {
    const script = code('export').replace(
      /^(const client = .*)$/m,
      `$1\nclient.chat.baseUrl = '${there.url}';`,
    );
    const { accountSid, authToken } = there.credentials;
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
    const users = await clientOf(here).chat.v2.services(service).users.list();
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

  it('access tokens that the back end mints for Twilio open Connections here', async () => {
    const { accountSid, apiKey } = there.credentials;
    const { AccessToken } = twilio.jwt;
    const token = new AccessToken(accountSid, apiKey.sid, apiKey.secret, { identity: 'ann' });
    token.addGrant(new AccessToken.ChatGrant({ serviceSid: service }));
    const socket = new WebSocket(
      `${here.url.replace(/^http/, 'ws')}/stream?token=${token.toJwt()}`,
    );
    const first = await new Promise<string>((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => resolve(String(data)));
      socket.addEventListener('close', ({ code: closed }) => reject(new Error(String(closed))));
    });
    expect(JSON.parse(first)).toMatchObject({ type: 'ready', identity: 'ann' });
    const ann = await clientOf(here).chat.v2.services(service).users('ann').fetch();
    expect(ann).toMatchObject({ isOnline: true, isNotifiable: false });
    socket.close(1000);
  });
});
