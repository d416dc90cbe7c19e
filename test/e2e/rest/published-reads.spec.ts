import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from '../../conformance/twilsock/raw-client.ts';
import { textOf } from '../../support/fields.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

const FLIPS = 200;

describe('A read after a process has published a version', () => {
  const programs = new Programs();
  let program: Program;
  let service: string;
  const users = (): string => `/v2/Services/${service}/Users`;

  beforeAll(async () => {
    program = await programs.start({ env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
    service = await createService(program);
  });
  afterAll(() => programs.end());

  async function versionOf(identity: string, known?: string): Promise<string> {
    const headers = known === undefined ? {} : { 'X-Reachability-Version': known };
    const answer = await program.get(`${users()}/${identity}/Reachability`, { headers });
    expect(answer.headers['x-read-model']).toBeUndefined();
    return textOf(answer.body, 'version');
  }

  /** Opens and closes a Connection, without waiting for the answers: `next` learns of each change first. */
  async function flip(identity: string, times: number, next: () => Promise<void>): Promise<void> {
    const path = `${users()}/${identity}/Connections`;
    let connection = '';
    for (let time = 0; time < times; time += 1) {
      const isOpen = connection !== '';
      const write = isOpen ? program.delete(connection) : program.post(path, { Ttl: '60' });
      await next();
      const answer = await write;
      connection = isOpen ? '' : `${path}/${answer.sid}`;
    }
  }

  it(`is not older than each of ${FLIPS} changes that a watcher of /stream was told`, async () => {
    await program.post(users(), { Identity: 'bob' });
    const watcher = connect(program, accessToken(program, service, 'watcher'));
    await watcher.next();
    await watcher.watch('bob');
    const older: string[] = [];
    await flip('bob', FLIPS, async () => {
      const told = textOf(await watcher.next(), 'version');
      const read = await versionOf('bob');
      if (read < told) older.push(`${read} after ${told}`);
    });
    expect(older).toEqual([]);
    watcher.terminate();
  });

  it('shows the Connection of each client that /stream or Twilsock has told that it is ready', async () => {
    const missing: string[] = [];
    const check = async (identity: string): Promise<void> => {
      const [connections, user] = await Promise.all([
        program.get(`${users()}/${identity}/Connections`),
        program.get(`${users()}/${identity}`),
      ]);
      if (connections.status !== 200 || user.body['is_online'] !== true) missing.push(identity);
    };
    for (let round = 0; round < 25; round += 1) {
      const client = connect(program, accessToken(program, service, `stream-${round}`));
      expect(await client.next()).toMatchObject({ type: 'ready' });
      await check(`stream-${round}`);
      client.terminate();
      const sdk = await RawClient.init(program, accessToken(program, service, `sdk-${round}`));
      await check(`sdk-${round}`);
      sdk.client.socket.terminate();
    }
    expect(missing).toEqual([]);
  });

  it('is not older than what a webhook says, for its receiver', async () => {
    const receiver = await WebhookReceiver.start();
    const older: string[] = [];
    const identity = 'hooked';
    await program.post(users(), { Identity: identity });
    receiver.answer = async ({ parameters: { Version: told = '' } }) => {
      const read = await versionOf(identity);
      if (read < told) older.push(`${read} after ${told}`);
      return { status: 204 };
    };
    await program.post(`/v2/Services/${service}`, {
      PostWebhookUrl: receiver.url,
      WebhookFilters: ['onUserUpdated'],
    });
    await flip(identity, 20, () => Promise.resolve());
    await receiver.waitFor(20);
    expect(older).toEqual([]);
    await program.post(`/v2/Services/${service}`, { PostWebhookUrl: '' });
    await receiver.stop();
  });

  it('shows the version in its header, whichever process has told it', async () => {
    const other = await programs.start({ env: { ROLE: 'api' } });
    await program.post(users(), { Identity: 'across' });
    const watcher = connect(program, accessToken(program, service, 'observer'));
    await watcher.next();
    await watcher.watch('across');
    const older: string[] = [];
    await flip('across', 60, async () => {
      const told = textOf(await watcher.next(), 'version');
      const headers = { 'X-Reachability-Version': told };
      const answer = await other.get(`${users()}/across/Reachability`, { headers });
      const read = textOf(answer.body, 'version');
      if (read < told) older.push(`${read} after ${told}`);
    });
    expect(older).toEqual([]);
    watcher.terminate();
    const written = await other.post(`${users()}/across/Connections`, { Ttl: '60' });
    const version = String(written.headers['x-reachability-version']);
    expect(await versionOf('across', version)).toBe(version);
  });

  it('says that it is behind a version that the log does not have', async () => {
    const told = await versionOf('across');
    const headers = { 'X-Reachability-Version': told.replace(/:\d/, ':9') };
    const answer = await program.get(`${users()}/across`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-read-model']).toBe('behind');
  });

  it('says which version it shows, in whichever process, and reaches that of each write', async () => {
    const other = await programs.start({ env: { ROLE: 'api' } });
    for (const { url } of [program, other]) {
      const written = await program.post(`${users()}/across`, { FriendlyName: url });
      const version = String(written.headers['x-reachability-version']);
      const reader = url === program.url ? program : other;
      const shown = await until('the version of the write', async () => {
        const answer = await reader.get(`${users()}/across`);
        const isReached = String(answer.headers['x-reachability-version']) >= version;
        return isReached ? answer : undefined;
      });
      expect(shown.body['friendly_name']).toBe(url);
    }
  });

  it('is held for keys, too', async () => {
    const other = await programs.start({ env: { ROLE: 'api' } });
    const key = await program.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: 'read' });
    const headers = { 'X-Reachability-Version': String(key.headers['x-reachability-version']) };
    expect((await other.get(`/v2/ApiKeys/${key.sid}`, { headers })).status).toBe(200);
  });

  it('says that it is behind a version of an unknown epoch, and refuses what is not a version', async () => {
    const read = (version: string) =>
      program.get(`${users()}/across`, { headers: { 'X-Reachability-Version': version } });
    const otherEpoch = await read(`another:${'9'.repeat(16)}`);
    expect(otherEpoch.status).toBe(200);
    expect(otherEpoch.headers['x-read-model']).toBe('behind');
    const invalid = await read('42');
    expect(invalid.status).toBe(400);
    expect(invalid.body['message']).toMatch(/^X-Reachability-Version must be a version/);
  });
});
