import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeFeedReader } from '../../support/change-feed-reader.ts';
import { Cli } from '../../support/cli.ts';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../../support/eventstored.ts';
import { textOf } from '../../support/fields.ts';
import type { BasicCredentials, JsonObject } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { WebhookReceiver } from '../../support/webhook-receiver.ts';

const PATIENCE_MS = 90_000;

/** The log of a data directory, of which an older copy can be put back. */
interface RestorableLog {
  readonly env: Readonly<Record<string, string>>;
  /** Makes a copy while the service runs. */
  copy(): void;
  /** Replaces the log by the copy. */
  putBack(): Promise<void>;
  stop(): Promise<void>;
}

function embeddedLog(dataDir: string, scratch: string): RestorableLog {
  const file = join(dataDir, 'events.db');
  const copy = join(scratch, 'copy.db');
  return {
    env: {},
    copy: () => {
      const db = new DatabaseSync(file, { readOnly: true });
      db.prepare('VACUUM INTO ?').run(copy);
      db.close();
    },
    putBack: async () => {
      cpSync(copy, `${file}.new`);
      for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
      renameSync(`${file}.new`, file);
    },
    stop: async () => undefined,
  };
}

/** Copies and restores as `docs/backups.md` says. */
async function eventStoreDbLog(_dataDir: string, scratch: string): Promise<RestorableLog> {
  const folder = join(scratch, 'eventstoredb');
  const copy = join(scratch, 'copy');
  mkdirSync(folder);
  let server: EventStoreDbServer = await startEventStoreDb({ folder });
  const { port, url } = server;
  return {
    env: { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: url },
    copy: () => {
      mkdirSync(copy);
      const names = readdirSync(folder);
      const checkpoints = names.filter((name) => name.endsWith('.chk'));
      const chunks = names.filter((name) => /^chunk-\d+\.\d+$/.test(name));
      for (const name of ['chaser.chk', ...checkpoints, 'index', ...chunks]) {
        cpSync(join(folder, name), join(copy, name), { recursive: true });
      }
    },
    putBack: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
      cpSync(copy, folder, { recursive: true });
      cpSync(join(folder, 'chaser.chk'), join(folder, 'truncate.chk'));
      server = await startEventStoreDb({ folder, port });
    },
    stop: () => server.stop(),
  };
}

const LOGS = [
  ['the embedded log', (...folders: [string, string]) => Promise.resolve(embeddedLog(...folders))],
  ...(hasEventStoreDb() ? [['EventStoreDB', eventStoreDbLog] as const] : []),
] as const;

describe.each(LOGS)('After an older copy of %s was put back', (_, open) => {
  let directory: string;
  let dataDir: string;
  let log: RestorableLog;
  let programs: Programs;
  let receiver: WebhookReceiver;
  let service: string;
  let running: Program;
  let keptKey: BasicCredentials;
  let lostKey: BasicCredentials;
  let watcher: { readonly version: string; readonly token: string };

  const start = (env: Readonly<Record<string, string>> = {}, untilReady = true): Promise<Program> =>
    programs.start({
      untilReady,
      env: { ...log.env, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', DRAIN_SECONDS: '1', ...env },
    });
  const usersPath = (): string => `/v2/Services/${service}/Users`;
  const isOnline = async (program: Program, identity: string): Promise<unknown> =>
    (await program.get(`${usersPath()}/${identity}`)).body['is_online'];

  async function addUser(program: Program, Identity: string): Promise<number> {
    const headers = { 'X-Twilio-Webhook-Enabled': 'true' };
    return (await program.post(usersPath(), { Identity }, { headers })).status;
  }

  async function createKey(program: Program): Promise<BasicCredentials> {
    const parameters = { FriendlyName: 'k', Scopes: ['read'] };
    const { body } = await program.post('/v2/ApiKeys', parameters);
    return { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
  }

  const statusWith = async (program: Program, auth: BasicCredentials): Promise<number> =>
    (await program.get('/v2/Services', { auth })).status;

  /** Waits until the service has a new epoch and is ready. */
  async function mended(program: Program, former: string): Promise<string> {
    return until(
      'the service to be ready with a new epoch',
      async () => {
        const ready = await program.get('/health/ready').catch(() => null);
        if (ready?.status !== 200) return undefined;
        const epoch = await epochOf(program).catch(() => former);
        return epoch === former ? undefined : epoch;
      },
      PATIENCE_MS,
    );
  }

  async function epochOf(program: Program): Promise<string> {
    const { body } = await program.get(`${usersPath()}/kept/Reachability`);
    return (body['version'] as string).split(':')[0] ?? '';
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'reachability-restored-'));
    programs = new Programs();
    ({ dataDir } = programs);
    log = await open(dataDir, directory);
    receiver = await WebhookReceiver.start();
    running = await start();
    const program = running;
    ({ sid: service } = await program.post('/v2/Services', { FriendlyName: 'x' }));
    await program.post(`/v2/Services/${service}`, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: receiver.url,
      WebhookFilters: ['onUserAdded'],
    });
    await addUser(program, 'kept');
    await receiver.waitFor(1, PATIENCE_MS);
    keptKey = await createKey(program);
    log.copy();
    lostKey = await createKey(program);
    expect(await statusWith(program, lostKey)).toBe(200);
    await addUser(program, 'lost');
    await receiver.waitFor(2, PATIENCE_MS);
    const token = accessToken(program, service, 'watcher');
    const client = connect(program, token);
    await client.next();
    const { version } = await client.watch('lost');
    watcher = { token, version: version as string };
    client.terminate();
  }, 300_000);
  afterAll(async () => {
    await programs.end();
    await log.stop();
    await receiver.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  const formerEpoch = (): string => watcher.version.split(':')[0] ?? '';

  /** Frames that a client gets for a watch-list that it knew up to the version before the restore. */
  async function watchSince(program: Program): Promise<JsonObject[]> {
    const client: StreamClient = connect(program, watcher.token);
    await client.next();
    client.send({ type: 'watch', id: 1, users: ['lost', 'kept'], since: watcher.version });
    const frames: JsonObject[] = [];
    while (frames.at(-1)?.['type'] !== 'snapshot') frames.push(await client.next());
    client.terminate();
    return frames;
  }

  /** Follows the Service from the version before the restore on. */
  function follow(program: Program): Promise<ChangeFeedReader> {
    const { accountSid: username, authToken: password } = program.credentials;
    const path = `/v2/Services/${service}/Reachability/Changes?Since=${watcher.version}`;
    return ChangeFeedReader.open(program.url, path, { username, password });
  }

  async function expectEverythingWorks(program: Program): Promise<void> {
    expect((await program.get(`${usersPath()}/lost`)).status).toBe(404);
    expect(await statusWith(program, keptKey)).toBe(200);
    expect(await statusWith(program, lostKey)).toBe(401);
    expect(await watchSince(program)).toMatchObject([
      { type: 'resync', reason: 'epoch' },
      { type: 'snapshot', unknown: ['lost'] },
    ]);
    const feed = await follow(program);
    expect((await feed.untilEvent('resync')).data['reason']).toBe('epoch');
    const webhooks = receiver.received.length;
    expect(await addUser(program, 'lost')).toBe(201);
    const client = connect(program, accessToken(program, service, 'lost'));
    await client.next();
    await until(
      'the User to be online',
      async () => (await isOnline(program, 'lost')) === true || undefined,
      PATIENCE_MS,
    );
    client.terminate();
    expect((await feed.untilChanges(2)).map(({ data }) => data)).toMatchObject([
      { identity: 'lost', is_online: null },
      { identity: 'lost', is_online: true },
    ]);
    feed.close();
    await until(
      'the webhook of the User',
      () => receiver.parameterValues('Identity').slice(webhooks).includes('lost') || undefined,
      PATIENCE_MS,
    );
  }

  it('two running processes start over with one new epoch, and everything works again', async () => {
    const other = await start();
    await log.putBack();
    const epoch = await mended(running, formerEpoch());
    expect(await mended(other, formerEpoch())).toBe(epoch);
    const outputs = [running, other].flatMap(({ output }) => [output.stdout, output.stderr]);
    expect(outputs.join('')).toMatch(/The log was restored from an older copy: .* has seen event/);
    await expectEverythingWorks(running);
    await Promise.all([running.stop(), other.stop()]);
  }, 300_000);

  it('again, ON_RESTORED_LOG=stop refuses everything until the log is mended', async () => {
    await log.putBack();
    const program = await start({ ON_RESTORED_LOG: 'stop' }, false);
    const ready = await program.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.body).toEqual({
      status: 'log_restored',
      reason: expect.stringMatching(/The log was restored.*ON_RESTORED_LOG=stop/) as unknown,
    });
    expect((await program.get('/health/live')).status).toBe(200);
    expect(await addUser(program, 'more')).toBe(503);
    const client = connect(program, watcher.token);
    await client.closed;
    const held = new Cli(dataDir, { ...log.env, ON_RESTORED_LOG: 'stop' });
    expect(await held.run('projections', 'status')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^The log was restored from an older copy/) as unknown,
    });
    const { code, stderr } = await new Cli(dataDir, log.env).run('projections', 'status');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^The log was restored from an older copy/) as unknown,
    });
    await mended(program, formerEpoch());
    await expectEverythingWorks(program);
  }, 300_000);
});
