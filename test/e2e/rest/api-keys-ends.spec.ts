import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from '../../conformance/twilsock/raw-client.ts';
import { Cli } from '../../support/cli.ts';
import { hasEventStoreDb, startEventStoreDb } from '../../support/eventstored.ts';
import { fieldsOf, listOf, textOf } from '../../support/fields.ts';
import type { BasicCredentials } from '../../support/http-client.ts';
import { mintToken } from '../../support/mint-token.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const STORES = [
  ['SQLite', false],
  ...(hasEventStoreDb() ? [['EventStoreDB', true] as const] : []),
] as const;

describe.each(STORES)('The end of an API key, with %s', (_, isShared) => {
  const programs = new Programs();
  const clients: (StreamClient | RawClient)[] = [];
  let env: Readonly<Record<string, string>>;
  let stopStore: () => Promise<void>;
  let one: Program;
  let two: Program;
  let service: string;

  beforeAll(async () => {
    const server = isShared ? await startEventStoreDb() : null;
    stopStore = async () => server?.stop();
    env = server === null ? {} : { EVENT_STORE: 'eventstoredb', EVENTSTOREDB_URL: server.url };
    one = await programs.start({ env });
    two = await programs.start({ env: { ...env, ROLE: 'api' } });
    service = await createService(one);
  }, 120_000);
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.terminate();
  });
  afterAll(async () => {
    await programs.end();
    await stopStore();
  });

  async function createKey(scopes: readonly string[]): Promise<BasicCredentials> {
    const { status, body } = await one.post('/v2/ApiKeys', { FriendlyName: 'k', Scopes: scopes });
    expect(status).toBe(201);
    return { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
  }

  function tokenOf({ username: sid, password: secret }: BasicCredentials): string {
    return mintToken({ ...one.credentials, apiKey: { sid, secret } }, service, 'alice');
  }

  async function rotate(
    { username }: BasicCredentials,
    overlapSeconds: number,
    program = one,
  ): Promise<{ readonly next: BasicCredentials; readonly until: unknown }> {
    const form = { OverlapSeconds: String(overlapSeconds) };
    const { body } = await program.post(`/v2/ApiKeys/${username}/Rotations`, form);
    const next = { username, password: textOf(body, 'secret') };
    return { next, until: body['previous_secret_expires'] };
  }

  const statusWith = async (program: Program, auth: BasicCredentials) =>
    (await program.get('/v2/Services', { auth })).status;
  const untilStatus = (status: number, program: Program, key: BasicCredentials) =>
    until(`the key to get ${status}`, async () =>
      (await statusWith(program, key)) === status ? true : undefined,
    );

  async function open(key: BasicCredentials, program = one): Promise<StreamClient> {
    const client = connect(program, tokenOf(key));
    clients.push(client);
    expect(await client.next()).toMatchObject({ type: 'ready' });
    return client;
  }

  async function initSdk(key: BasicCredentials, program = one) {
    const { client, reply } = await RawClient.init(program, tokenOf(key));
    clients.push(client);
    return { client, status: fieldsOf(reply.header['status']) };
  }

  it('closes the sockets of SDKs on every node, and opens no other', async () => {
    const key = await createKey(['admin', 'sign']);
    await untilStatus(200, two, key);
    const sdks = [await initSdk(key), await initSdk(key, two)];
    for (const { status } of sdks) expect(status).toMatchObject({ code: 200 });
    const ofSettings = await RawClient.init(two, mintToken(one.credentials, service, 'bob'));
    clients.push(ofSettings.client);
    await one.delete(`/v2/ApiKeys/${key.username}`);
    for (const { client } of sdks) expect(await client.closed).toBe(4401);
    await untilStatus(401, two, key);
    for (const program of [one, two]) {
      const { status } = await initSdk(key, program);
      expect(status).toMatchObject({ code: 401, errorCode: 20103 });
    }
    expect(ofSettings.client.socket.readyState).toBe(ofSettings.client.socket.OPEN);
  });

  it('closes the sockets of an old secret when its overlap ends, and not before', async () => {
    const key = await createKey(['read', 'sign']);
    const old = [await open(key), await open(key)];
    const oldSdk = await initSdk(key);
    const { next, until: end } = await rotate(key, 3);
    const current = await open(next);
    for (const client of old) expect((await client.closed).code).toBe(4401);
    expect(await oldSdk.client.closed).toBe(4401);
    // Twilio's dates have no milliseconds.
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(end)));
    expect(await statusWith(one, key)).toBe(401);
    expect(await statusWith(one, next)).toBe(200);
    expect(current.socket.readyState).toBe(current.socket.OPEN);
  });

  it('is also the loss of its secret, until it is rotated', async () => {
    const key = await createKey(['admin', 'sign']);
    const db = new DatabaseSync(join(programs.dataDir, 'state.db'), { timeout: 10_000 });
    db.prepare('DELETE FROM api_key_secrets WHERE key_sid = ?').run(key.username);
    db.close();
    for (const program of [one, two]) expect(await statusWith(program, key)).toBe(401);
    const refused = connect(one, tokenOf(key));
    clients.push(refused);
    expect(await refused.next()).toMatchObject({ type: 'error', code: 20103 });
    const { next } = await rotate(key, 0);
    expect(await statusWith(one, next)).toBe(200);
    await open(next);
  });

  it('is the end of its secrets where its log is imported into another folder', async () => {
    const key = await createKey(['admin']);
    const revoked = await createKey(['admin']);
    await one.delete(`/v2/ApiKeys/${revoked.username}`);
    const file = join(programs.dataDir, 'log.ndjson');
    await new Cli(programs.dataDir, env).json('store', 'export', file);
    const imported = new Programs();
    try {
      await new Cli(imported.dataDir).json('store', 'import', file);
      const program = await imported.start();
      const { api_keys: keys } = (await program.get('/v2/ApiKeys?PageSize=1000')).body;
      const sids = listOf(keys).map((listed) => textOf(listed, 'sid'));
      expect(sids).toContain(key.username);
      expect(sids).not.toContain(revoked.username);
      for (const credentials of [key, revoked]) {
        expect(await statusWith(program, credentials)).toBe(401);
      }
      const { next } = await rotate(key, 0, program);
      expect(await statusWith(program, next)).toBe(200);
    } finally {
      await imported.end();
    }
  }, 120_000);
});

describe('A process with ROLE=worker', () => {
  const programs = new Programs();
  afterAll(() => programs.end());

  it('refuses every API key at once, also one that it has made, and accepts the account', async () => {
    const worker = await programs.start({ env: { ROLE: 'worker' } });
    const api = await programs.start({ env: { ROLE: 'api' } });
    const form = { FriendlyName: 'k', Scopes: 'admin' };
    for (const program of [api, worker]) {
      const { body } = await program.post('/v2/ApiKeys', form);
      const auth = { username: textOf(body, 'sid'), password: textOf(body, 'secret') };
      await until('the api to accept the key', async () =>
        (await api.get('/v2/Services', { auth })).status === 200 ? true : undefined,
      );
      expect((await worker.get('/v2/Services', { auth })).status).toBe(401);
    }
    expect((await worker.get('/v2/Services')).status).toBe(200);
  }, 60_000);
});
