import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cli } from '../../support/cli.ts';
import { fieldsOf, listOf, textOf, type Fields } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';

const URL = 'https://user:open-sesame@example.org/hook';
const MASKED = 'https://user:***@example.org/hook';

describe('The audit of a Service', () => {
  let program: Program;
  let cli: Cli;
  let service: string;
  let key: string;
  let text: string;
  let changes: readonly Fields[];

  beforeAll(async () => {
    program = await startProgram({ env: { TRUSTED_PROXIES: '1' } });
    cli = new Cli(program.dataDir);
    const forwarded = { headers: { 'x-forwarded-for': '198.51.100.9, 203.0.113.7' } };
    service = (await program.post('/v2/Services', { FriendlyName: 'Desk' }, forwarded)).sid;
    const path = `/v2/Services/${service}`;
    await program.post(path, { PostWebhookUrl: URL, WebhookFilters: ['onUserUpdated'] }, forwarded);
    await program.post(path, { 'Limits.UserChannels': '7' }, forwarded);
    await cli.json('services', 'enable', service);
    await program.post(`${path}/Reachability`, { GraceSeconds: '9' });
    const limit = { FriendlyName: 'limited', Scopes: 'read', Services: service };
    key = (await program.post('/v2/ApiKeys', limit, forwarded)).sid;
    await program.post('/v2/ApiKeys', { FriendlyName: 'other', Scopes: 'read' });
    await program.delete(`/v2/ApiKeys/${key}`);
    text = (await cli.run('audit', 'service', service)).stdout;
    changes = listOf(fieldsOf(await cli.json('audit', 'service', service))['changes']);
  });
  afterAll(() => program.stop());

  it('has every change of the Service, and of keys that are limited to it', () => {
    expect(changes.map(({ type }) => type)).toEqual([
      'ServiceCreated',
      'ServiceUpdated',
      'ServiceUpdated',
      'ReachabilityEnabled',
      'ServiceUpdated',
      'ApiKeyCreated',
      'ApiKeyRevoked',
    ]);
    expect(text).toContain(`API key ${key} "limited" was created (read; limited to ${service})`);
  });

  it('has the values of settings before and after', () => {
    expect(text).toContain(`postWebhookUrl: null -> "${MASKED}"\n`);
    expect(text).toContain('webhookFilters: null -> ["onUserUpdated"]\n');
    expect(text).toContain('limits.userChannels: 250 -> 7\n');
    expect(text).toContain('reachabilityEnabled: false -> true\n');
    expect(text).toContain('graceSeconds: 5 -> 9\n');
  });

  it('says who made a change, where from, and when', () => {
    const actor = `key:${program.credentials.accountSid}`;
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
    expect(changes[1]).toMatchObject({ actor, source: '203.0.113.7', time });
    expect(changes[3]).toMatchObject({ actor: `cli:${userInfo().username}`, source: hostname() });
    expect(text).toContain(`by ${actor} from 203.0.113.7, correlation`);
  });

  it('shows no password, nor does any other command but the export of the log', async () => {
    const commands = [
      ['audit', 'service', service],
      ['audit', 'export'],
      ['events', 'replay'],
      ['services', 'list'],
      ['webhooks', 'list'],
    ];
    for (const command of commands) {
      for (const option of [[], ['--json']]) {
        const { stdout } = await cli.run(...command, ...option);
        expect([command, stdout.includes('open-sesame')]).toEqual([command, false]);
      }
    }
  });

  it('leaves passwords out of the differences that verify prints', async () => {
    const versions = fieldsOf(await cli.json('projections', 'status'));
    const users = listOf(versions['projections']).find(({ name }) => name === 'users');
    const file = `read-model.db.users@v${String(fieldsOf(users)['live_version'])}`;
    const db = new DatabaseSync(join(program.dataDir, file), { timeout: 10_000 });
    db.exec("UPDATE services SET settings = replace(settings, 'open-sesame', 'shut-sesame')");
    db.close();
    const { code, stdout } = await cli.run('projections', 'verify', 'users');
    expect(code).toBe(1);
    expect(stdout).toContain(MASKED);
    expect(stdout).toContain('(another password)');
    const json = await cli.run('projections', 'verify', 'users', '--json');
    for (const output of [stdout, json.stdout]) expect(output).not.toMatch(/sesame/);
    expect(textOf(fieldsOf(JSON.parse(json.stdout)), 'name')).toBe('users');
  });
});
