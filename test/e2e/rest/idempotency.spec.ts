import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { basic, type Answer, type HttpClient, type JsonObject } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import { until } from '../../support/until.ts';

describe('A request with an Idempotency-Key', () => {
  const programs = new Programs();
  let program: Program;
  let users: string;
  let keys = 0;

  beforeAll(async () => {
    program = await programs.start();
    const service = await program.post('/v2/Services', { FriendlyName: 'Retries' });
    users = `/v2/Services/${service.sid}/Users`;
  });
  afterAll(() => programs.end());

  /** Options with a key that no other test uses. */
  const newKey = () => ({ headers: { 'idempotency-key': `key-${(keys += 1)}` } });

  const count = (text: string, answers: readonly Answer[]) =>
    answers.filter((answer) => answer.text === text).length;

  const replayed = expect.objectContaining({ 'idempotency-replayed': 'true' });

  it('gets the first answer again, and says so', async () => {
    const options = newKey();
    const first = await program.post('/v2/Services', { FriendlyName: 'Once' }, options);
    const second = await program.post('/v2/Services', { FriendlyName: 'Once' }, options);
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
    expect(first.headers).not.toEqual(replayed);
    expect(second.headers).toEqual(replayed);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
  });

  it('has the same key with and without quotation marks', async () => {
    const { headers } = newKey();
    const quoted = { headers: { 'idempotency-key': `"${headers['idempotency-key']}"` } };
    const first = await program.post('/v2/Services', { FriendlyName: 'Once' }, { headers });
    const second = await program.post('/v2/Services', { FriendlyName: 'Once' }, quoted);
    expect(second.text).toBe(first.text);
  });

  it('is refused with another body, which is not written', async () => {
    const options = newKey();
    await program.post(users, { Identity: 'bob', FriendlyName: 'B' }, options);
    const other = await program.post(users, { Identity: 'carl' }, options);
    expect([other.status, other.body['code']]).toEqual([422, 20422]);
    expect(other.body['message']).toMatch(/^Idempotency-Key /);
    expect((await program.get(`${users}/carl`)).status).toBe(404);
  });

  it('gets the answer of its creation again after the resource was deleted', async () => {
    const options = newKey();
    const created = await program.post(users, { Identity: 'dora' }, options);
    expect((await program.delete(`${users}/dora`)).status).toBe(204);
    const repeated = await program.post(users, { Identity: 'dora' }, options);
    expect([repeated.status, repeated.text]).toEqual([201, created.text]);
    expect((await program.get(`${users}/dora`)).status).toBe(404);
  });

  it('gets the answer of a deletion again after the resource was created anew', async () => {
    await program.post(users, { Identity: 'eric' });
    const options = newKey();
    expect((await program.delete(`${users}/eric`, options)).status).toBe(204);
    await program.post(users, { Identity: 'eric' });
    const repeated = await program.delete(`${users}/eric`, options);
    expect([repeated.status, repeated.text]).toEqual([204, '']);
    expect((await program.get(`${users}/eric`)).status).toBe(200);
  });

  it('overwrites nothing after any number of other writes', async () => {
    await program.post(users, { Identity: 'finn' });
    const options = newKey();
    const first = await program.post(`${users}/finn`, { FriendlyName: 'old' }, options);
    for (let n = 1; n <= 40; n += 1) {
      await program.post(`${users}/finn`, { FriendlyName: `newer ${n}` });
    }
    const late = await program.post(`${users}/finn`, { FriendlyName: 'old' }, options);
    expect(late.text).toBe(first.text);
    expect((await program.get(`${users}/finn`)).body['friendly_name']).toBe('newer 40');
  });

  it('gets an error of the client again', async () => {
    const options = newKey();
    const first = await program.post(`${users}/gina`, { FriendlyName: 'G' }, options);
    await program.post(users, { Identity: 'gina' });
    const second = await program.post(`${users}/gina`, { FriendlyName: 'G' }, options);
    expect([first.status, second.status, second.text]).toEqual([404, 404, first.text]);
    expect(second.headers).toEqual(replayed);
    expect((await program.get(`${users}/gina`)).body['friendly_name']).toBeNull();
  });

  it('is another request with other credentials, another path or another method', async () => {
    const options = newKey();
    const { sid: username, secret: password } = program.credentials.apiKey;
    const path = `${users}/hans`;
    const answers = [
      await program.post(users, { Identity: 'hans' }, options),
      await program.post(users, { Identity: 'ines' }, { ...options, auth: { username, password } }),
      await program.post(path, { FriendlyName: 'H' }, options),
      await program.delete(path, options),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200, 204]);
    expect(answers.filter(({ headers }) => 'idempotency-replayed' in headers)).toEqual([]);
  });

  it('is not kept where credentials are wrong', async () => {
    const options = newKey();
    const auth = { username: program.credentials.accountSid, password: 'wrong' };
    const wrong = await program.post(users, { Identity: 'jana' }, { ...options, auth });
    const right = await program.post(users, { Identity: 'jana' }, options);
    expect([wrong.status, right.status]).toEqual([401, 201]);
  });

  it('never gets an access token again', async () => {
    const options = newKey();
    const path = users.replace(/Users$/, 'Tokens');
    const first = await program.post(path, { Identity: 'kim' }, options);
    const second = await program.post(path, { Identity: 'kim' }, options);
    expect([first.status, second.status, second.body['code']]).toEqual([201, 409, 20410]);
    expect(storedBodies()).not.toContain(first.body['token']);
  });

  it('is refused while the first one is under way, on every process', async () => {
    const other = await programs.start({ env: { ROLE: 'api' } });
    const options = newKey();
    const send = (to: HttpClient) => to.post(users, { Identity: 'lara' }, options);
    const first = await send(program);
    reopenLatestClaim({ claimedUntil: Date.now() + 3_600_000 });
    for (const refused of [await send(program), await send(other)]) {
      expect([refused.status, refused.body['code']]).toEqual([409, 20409]);
      expect(refused.headers['retry-after']).toBe('1');
    }
    reopenLatestClaim({ claimedUntil: 0 });
    const second = await send(other);
    expect([second.status, second.body['sid']]).toEqual([201, first.sid]);
    expect((await send(program)).headers).toEqual(replayed);
  });

  it('is carried out by one of many that are sent at once', async () => {
    const options = newKey();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        program.post('/v2/Services', { FriendlyName: 'Race' }, options),
      ),
    );
    const created = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect(created.length).toBeGreaterThan(0);
    expect(created.length + refused.length).toBe(20);
    expect(count(created[0]?.text ?? '', created)).toBe(created.length);
  });

  it('is carried out once if its client hangs up and repeats it', async () => {
    const options = newKey();
    const form = { FriendlyName: 'Hung up' };
    const body = new URLSearchParams(form).toString();
    await hangUp(program, { method: 'POST', path: '/v2/Services', body, ...options });
    const repeated = await until('the answer', async () => {
      const answer = await program.post('/v2/Services', form, options);
      return answer.status === 409 ? undefined : answer;
    });
    expect(repeated.status).toBe(201);
    const { body: list } = await program.get('/v2/Services?PageSize=1000');
    const sids = (list['services'] as JsonObject[])
      .filter((service) => service['friendly_name'] === 'Hung up')
      .map(({ sid }) => sid);
    expect(sids).toEqual([repeated.sid]);
  });

  it('gets the first answer again after a crash', async () => {
    const options = newKey();
    const first = await program.post(users, { Identity: 'mona' }, options);
    await program.delete(`${users}/mona`);
    await program.kill();
    program = await programs.start();
    const second = await program.post(users, { Identity: 'mona' }, options);
    expect([second.status, second.body['sid']]).toEqual([201, first.sid]);
    expect(second.headers).toEqual(replayed);
  });

  it('appends nothing twice if the process died between the append and the answer', async () => {
    const options = newKey();
    const form = { FriendlyName: 'Crash' };
    const first = await program.post('/v2/Services', form, options);
    reopenLatestClaim({ claimedUntil: 0 });
    const second = await program.post('/v2/Services', form, options);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers).not.toEqual(replayed);
  });

  function state<T>(use: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(join(programs.dataDir, 'state.db'), { timeout: 10_000 });
    try {
      return use(db);
    } finally {
      db.close();
    }
  }

  function storedBodies(): string {
    return JSON.stringify(state((db) => db.prepare('SELECT body FROM idempotency_records').all()));
  }

  /** Makes the latest record one of a request that is under way; one whose time is over if its process has died. */
  function reopenLatestClaim({ claimedUntil }: { readonly claimedUntil: number }): void {
    state((db) =>
      db
        .prepare(
          `UPDATE idempotency_records SET status = NULL, claimed_until = ?
           WHERE rowid = (SELECT max(rowid) FROM idempotency_records)`,
        )
        .run(claimedUntil),
    );
  }
});

/** Sends a request and closes the socket without waiting for the answer. */
async function hangUp(
  { url, credentials }: Program,
  request: {
    readonly method: string;
    readonly path: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const { accountSid: username, authToken: password } = credentials;
  const headers = {
    host,
    authorization: basic({ username, password }),
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(Buffer.byteLength(request.body)),
    ...request.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${request.method} ${request.path} HTTP/1.1`, ...lines].join('\r\n');
  const socket = connect(Number(port), hostname);
  socket.end(`${head}\r\n\r\n${request.body}`);
  await once(socket, 'finish');
  socket.destroy();
}
