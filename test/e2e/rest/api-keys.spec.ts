import { randomBytes } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer, BasicCredentials, JsonObject } from '../../support/http-client.ts';
import { mintToken } from '../../support/mint-token.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { createService } from '../../support/services.ts';
import { connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

interface Key extends BasicCredentials {
  readonly answer: JsonObject;
}

function secretIn({ body: { secret }, text }: Answer): string {
  if (typeof secret !== 'string') throw new Error(`No secret in ${text}`);
  return secret;
}

async function createKey(
  program: Program,
  parameters: Readonly<Record<string, string | readonly string[]>>,
): Promise<Key> {
  const answer = await program.post('/v2/ApiKeys', { FriendlyName: 'key', ...parameters });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return { username: answer.sid, password: secretIn(answer), answer: answer.body };
}

const statusWith = async (program: Program, auth: BasicCredentials, path = '/v2/Services') =>
  (await program.get(path, { auth })).status;

/** An access token signed with the secret of a key. */
function tokenOf(program: Program, { username: sid, password: secret }: Key, service: string) {
  const { accountSid } = program.credentials;
  return mintToken({ accountSid, apiKey: { sid, secret } }, service, 'alice');
}

async function firstFrame(program: Program, token: string): Promise<JsonObject> {
  const client = connect(program, token);
  const frame = await client.next();
  client.terminate();
  return frame;
}

describe('API keys', () => {
  let program: Program;
  let service: string;

  beforeAll(async () => {
    program = await startProgram();
    service = await createService(program);
  });
  afterAll(() => program.stop());

  it('show their secret only when they are created', async () => {
    const key = await createKey(program, {
      FriendlyName: 'back end',
      Scopes: ['read', 'sign'],
      Services: service,
      ExpiresAt: '2099-01-01T00:00:00Z',
    });
    expect(key.password).toMatch(/^[\w-]{32,}$/);
    const { secret: _, ...shown } = key.answer;
    expect(shown).toMatchObject({
      friendly_name: 'back end',
      scopes: ['read', 'sign'],
      services: [service],
      date_expires: '2099-01-01T00:00:00Z',
      last_used: null,
    });
    expect((await program.get(`/v2/ApiKeys/${key.username}`)).body).toEqual(shown);
    const list = await program.get('/v2/ApiKeys');
    expect(list.text).toContain(key.username);
    expect(list.text).not.toContain(key.password);
  });

  it('note when they were last used', async () => {
    const key = await createKey(program, { Scopes: 'read' });
    expect(await statusWith(program, key)).toBe(200);
    const path = `/v2/ApiKeys/${key.username}`;
    await until('the use', async () => (await program.get(path)).body['last_used'] ?? undefined);
  });

  it.each([
    ['Scopes', {}],
    ['Scopes contains "boss",', { Scopes: 'boss' }],
    ['Scopes contains "boss",', { Scopes: ['read', 'boss'] }],
    ['Services contains "IS1",', { Scopes: 'read', Services: 'IS1' }],
    ['Services', { Scopes: 'read', Services: `IS${'0'.repeat(32)}` }],
    ['ExpiresAt', { Scopes: 'read', ExpiresAt: 'tomorrow' }],
    ['ExpiresAt', { Scopes: 'read', ExpiresAt: '2020-01-01T00:00:00Z' }],
  ])('need a valid %s: %j', async (name, parameters) => {
    const answer = await program.post('/v2/ApiKeys', { FriendlyName: 'x', ...parameters });
    expect([answer.status, answer.body['message']]).toEqual([
      400,
      expect.stringMatching(`^${name}`),
    ]);
  });

  it('refuse another secret, and an unknown key', async () => {
    const { username } = await createKey(program, { Scopes: 'admin' });
    const password = randomBytes(32).toString('base64url');
    expect(await statusWith(program, { username, password })).toBe(401);
    const unknown = { username: `SK${'0'.repeat(32)}`, password };
    expect(await statusWith(program, unknown)).toBe(401);
  });

  it('stop at once when they are revoked, and never come back', async () => {
    const key = await createKey(program, { Scopes: 'admin' });
    const path = `/v2/ApiKeys/${key.username}`;
    expect(await statusWith(program, key)).toBe(200);
    expect((await program.delete(path)).status).toBe(204);
    expect(await statusWith(program, key)).toBe(401);
    expect((await program.get(path)).status).toBe(404);
    expect((await program.delete(path)).status).toBe(404);
    expect((await program.post(`${path}/Rotations`)).status).toBe(404);
  });

  it('lose the old secret at once by a rotation', async () => {
    const key = await createKey(program, { Scopes: 'read' });
    const rotated = await program.post(`/v2/ApiKeys/${key.username}/Rotations`);
    expect(rotated.status).toBe(201);
    expect(rotated.body['previous_secret_expires']).toBeNull();
    const password = secretIn(rotated);
    expect(await statusWith(program, { ...key, password })).toBe(200);
    expect(await statusWith(program, key)).toBe(401);
  });

  it('keep the old secret for the overlap of a rotation', async () => {
    const key = await createKey(program, { Scopes: ['read', 'sign'] });
    const rotated = await program.post(`/v2/ApiKeys/${key.username}/Rotations`, {
      OverlapSeconds: '600',
    });
    const next = { ...key, password: secretIn(rotated) };
    for (const secret of [key, next]) {
      expect(await statusWith(program, secret)).toBe(200);
      const frame = await firstFrame(program, tokenOf(program, secret, service));
      expect(frame).toMatchObject({ type: 'ready' });
    }
    expect(rotated.body['previous_secret_expires']).toEqual(expect.any(String));
  });
});

describe('Scopes of an API key', () => {
  let program: Program;
  let service: string;
  let foreign: string;
  let routes: readonly { readonly method: string; readonly path: string }[];

  beforeAll(async () => {
    program = await startProgram();
    service = await createService(program);
    foreign = await createService(program);
    const description = (await program.get('/docs-json', { auth: null })).body;
    routes = Object.entries(description['paths'] as Record<string, object>)
      .filter(([path]) => /^\/(v[12]|conversations)\//.test(path))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
      );
  });
  afterAll(() => program.stop());

  /** Status of a request to each route that has this key. Bodies are empty, so that nothing is changed. */
  async function statuses(key: Key, serviceSid: string): Promise<[string, number][]> {
    const found: [string, number][] = [];
    for (const { method, path } of routes) {
      const url = path
        .replace('{serviceSid}', serviceSid)
        .replace(/\{\w*[sS]id\}|\{\w+\}/g, 'unknown');
      const form = method === 'POST' ? { form: { Unknown: 'x' } } : {};
      // The answer to a GET of a feed does not end.
      const sent = path.endsWith('/Changes') ? 'HEAD' : method;
      const { status } = await program.request(sent, url, { auth: key, ...form });
      found.push([`${method} ${path}`, status]);
    }
    return found;
  }

  const isQuery = (route: string) => route.endsWith('/Reachability/Query');
  const isRead = (route: string) => route.startsWith('GET ') || isQuery(route);
  const OF_SERVICES = /^\w+ \/(v[12]|conversations\/v1)\/Services\/\{serviceSid\}/;
  const LISTS_OF_SERVICES = [
    'GET /v2/Services',
    'GET /v1/Services',
    'GET /conversations/v1/Services',
  ];

  it('are enforced on more than 60 routes', () => expect(routes.length).toBeGreaterThan(60));

  it('admin and sign may send every request', async () => {
    const key = await createKey(program, { Scopes: ['admin', 'sign'] });
    for (const [route, status] of await statuses(key, `IS${'0'.repeat(32)}`)) {
      expect([route, [401, 403].includes(status)]).toEqual([route, false]);
    }
  });

  it('admin without sign gets no access token', async () => {
    const key = await createKey(program, { Scopes: 'admin' });
    const path = `/v2/Services/${service}/Tokens`;
    const { status, body } = await program.post(path, { Identity: 'alice' }, { auth: key });
    expect([status, body['code']]).toEqual([403, 20403]);
  });

  it('admin without sign cannot get the secret of a key that signs', async () => {
    const auth = await createKey(program, { Scopes: 'admin' });
    const form = { FriendlyName: 'x', Scopes: ['read', 'sign'] };
    const created = await program.post('/v2/ApiKeys', form, { auth });
    expect([created.status, created.body['code']]).toEqual([403, 20403]);
    const signer = await createKey(program, { Scopes: 'sign' });
    const path = `/v2/ApiKeys/${signer.username}`;
    expect((await program.post(`${path}/Rotations`, {}, { auth })).status).toBe(403);
    expect((await program.post('/v2/ApiKeys', { ...form, Scopes: 'read' }, { auth })).status).toBe(
      201,
    );
    expect((await program.delete(path, { auth })).status).toBe(204);
  });

  it('read may send only requests that read', async () => {
    const key = await createKey(program, { Scopes: 'read' });
    for (const [route, status] of await statuses(key, service)) {
      expect([route, status === 403]).toEqual([route, !isRead(route)]);
    }
  });

  it('sign alone may send none', async () => {
    const key = await createKey(program, { Scopes: 'sign' });
    for (const found of await statuses(key, service)) expect(found).toEqual([found[0], 403]);
    const { body } = await program.get('/v2/Services', { auth: key });
    expect(body).toMatchObject({ code: 20403, status: 403 });
  });

  it('a key limited to Services cannot leave them, and learns of no other', async () => {
    const key = await createKey(program, { Scopes: ['admin', 'sign'], Services: service });
    const absent = `IS${'0'.repeat(32)}`;
    const [ofForeign, ofAbsent] = [await statuses(key, foreign), await statuses(key, absent)];
    expect(ofForeign).toEqual(ofAbsent);
    for (const [route, status] of ofForeign) {
      const isList = LISTS_OF_SERVICES.includes(route);
      const expected = OF_SERVICES.test(route) ? 404 : isList ? 200 : 403;
      expect([route, status]).toEqual([route, expected]);
    }
    expect((await program.get(`/v2/Services/${foreign}`)).status).toBe(200);
    expect(await statusWith(program, key, `/v2/Services/${service}`)).toBe(200);
    for (const path of ['/v2/Services', '/conversations/v1/Services']) {
      const { body } = await program.get(path, { auth: key });
      expect((body['services'] as { sid: string }[]).map(({ sid }) => sid)).toEqual([service]);
    }
  });

  it('a key without sign cannot sign access tokens, nor one of another Service', async () => {
    for (const parameters of [
      { Scopes: 'admin' },
      { Scopes: ['admin', 'sign'], Services: foreign },
      { Scopes: 'read' },
    ]) {
      const key = await createKey(program, parameters);
      const frame = await firstFrame(program, tokenOf(program, key, service));
      expect(frame).toMatchObject({ type: 'error', code: expect.any(Number) });
    }
    const signer = await createKey(program, { Scopes: 'sign', Services: service });
    const frame = await firstFrame(program, tokenOf(program, signer, service));
    expect(frame).toMatchObject({ type: 'ready' });
  });
});

describe('API keys on nodes that share an event store', () => {
  let programs: Programs;
  let one: Program;
  let other: Program;

  beforeEach(async () => {
    programs = new Programs();
    one = await programs.start();
    other = await programs.start();
  }, 60_000);
  afterEach(() => programs.end());

  it('stop on both when they are revoked on one, and their sockets close for good', async () => {
    const service = await createService(one);
    const key = await createKey(one, { Scopes: ['admin', 'sign'] });
    const token = tokenOf(one, key, service);
    await until(
      'the other node to accept the key',
      async () => (await statusWith(other, key)) === 200 || undefined,
    );
    const clients = [one, other].map((program) => connect(program, token));
    const bystander = connect(other, mintToken(other.credentials, service, 'bob'));
    for (const client of [...clients, bystander]) {
      expect(await client.next()).toMatchObject({ type: 'ready' });
    }
    expect((await one.delete(`/v2/ApiKeys/${key.username}`)).status).toBe(204);
    expect(await statusWith(one, key)).toBe(401);
    for (const client of clients) expect((await client.closed).code).toBe(4401);
    await until(
      'the other node to refuse the key',
      async () => (await statusWith(other, key)) === 401 || undefined,
    );
    for (const program of [one, other]) {
      expect(await firstFrame(program, token)).toMatchObject({ type: 'error', code: 20103 });
    }
    expect(bystander.socket.readyState).toBe(bystander.socket.OPEN);
    bystander.terminate();
  }, 60_000);

  it('are not revived by an older operational state or a lost read model', async () => {
    const key = await createKey(one, { Scopes: 'admin' });
    const rotatedKey = await createKey(one, { Scopes: 'admin' });
    await one.stop();
    await other.stop();
    const state = join(programs.dataDir, 'state.db');
    cpSync(state, `${state}.old`);
    const again = await programs.start();
    expect(await statusWith(again, key)).toBe(200);
    await again.delete(`/v2/ApiKeys/${key.username}`);
    await again.post(`/v2/ApiKeys/${rotatedKey.username}/Rotations`);
    await again.stop();
    for (const suffix of ['-wal', '-shm']) rmSync(`${state}${suffix}`, { force: true });
    cpSync(`${state}.old`, state);
    rmSync(join(programs.dataDir, 'read-model.db'));
    const restored = await programs.start();
    expect(await statusWith(restored, key)).toBe(401);
    expect(await statusWith(restored, rotatedKey)).toBe(401);
    const fresh = await createKey(restored, { Scopes: 'admin' });
    expect(await statusWith(restored, fresh)).toBe(200);
  }, 120_000);
});
