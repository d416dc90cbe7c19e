import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Bytes of a file: enough for a lease, too few for a page of a database. */
const FULL = 4_096;
const WRITES = 8;
/** Half of the time for which so many writes would be retried, one after the other, and enough for a busy machine. */
const QUICK_MS = 8_000;

/** Limits the size of files that a process writes to, as if its disk were full. */
function limitFiles({ pid }: Program, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

describe('A server whose disk is full', () => {
  let program: Program;
  let users: string;
  let connection: string;
  let serviceSid: string;

  beforeAll(async () => {
    program = await startProgram();
    serviceSid = (await program.post('/v2/Services', { FriendlyName: 'Full' })).sid;
    users = `/v2/Services/${serviceSid}/Users`;
    await program.post(users, { Identity: 'ann' });
    const opened = await program.post(`${users}/ann/Connections`, { Ttl: '300' });
    connection = `${users}/ann/Connections/${opened.sid}`;
    limitFiles(program, FULL);
  });

  afterAll(async () => {
    await program.stop();
  });

  const writable = async (): Promise<string | undefined> =>
    /^reachability_event_store_writable (\d)$/m.exec((await program.get('/metrics')).text)?.[1];

  it('refuses writes quickly', async () => {
    const startedAt = performance.now();
    for (let write = 0; write < WRITES; write += 1) {
      const { status, headers } = await program.post(users, { Identity: 'bob' });
      expect([status, headers['retry-after']]).toEqual([503, '1']);
    }
    expect(performance.now() - startedAt).toBeLessThan(QUICK_MS);
  });

  it('is not ready, and says why', async () => {
    const ready = await program.get('/health/ready');
    expect([ready.status, ready.headers['retry-after']]).toEqual([503, '1']);
    const reason = 'disk I/O error';
    expect(ready.body).toMatchObject({
      status: 'event_store_unwritable',
      reason,
      parts: { event_store: { status: 'unwritable', reason }, read_model: { status: 'ok' } },
    });
  });

  it('stays live, shows it in its metrics, and says why once', async () => {
    expect((await program.get('/health/live')).status).toBe(200);
    expect(await writable()).toBe('0');
    const lines = await until('a line in the log', () => {
      return program.output.stderr.match(/Events cannot be written[^"]*/g) ?? undefined;
    });
    expect(lines).toEqual(['Events cannot be written, and writes get 503: disk I/O error']);
  });

  it('answers reads, and says that they may be stale', async () => {
    expect((await program.get(`${users}/bob`)).status).toBe(404);
    const { status, headers, body } = await program.get(`${users}/ann/Reachability`);
    expect([status, headers['x-read-model'], body['staleness_bound_ms']]).toEqual([
      200,
      'behind',
      null,
    ]);
    expect(new Date(String(headers['x-read-model-since'])).getTime()).toBeLessThan(Date.now());
  });

  it('refuses a renewal, which writes operational state only', async () => {
    expect((await program.post(connection, { Ttl: '120' })).status).toBe(503);
  });

  it('asks a client to come back later', async () => {
    const client = connect(program, accessToken(program, serviceSid, 'ann'));
    expect(await client.next()).toMatchObject({ type: 'error', code: 'unavailable' });
    client.socket.terminate();
  });

  it('goes on when there is room again', async () => {
    limitFiles(program, 'unlimited');
    await until('the event store to be writable', async () => {
      return (await program.get('/health/ready')).status === 200 || undefined;
    });
    expect(await writable()).toBe('1');
    const line = await until('a line about the end', () => {
      return /Events can be read and written again after [^"]*/.exec(program.output.stdout)?.[0];
    });
    expect(line).toContain(`Refused: ${WRITES} requests`);
    const answer = await program.get(`${users}/ann/Reachability`);
    expect(answer.headers).not.toHaveProperty('x-read-model-since');
    expect(answer.body['staleness_bound_ms']).toBe(21_000);
    expect((await program.post(users, { Identity: 'bob' })).status).toBe(201);
    expect((await program.post(connection, { Ttl: '120' })).status).toBe(200);
    await until('the read model to follow', async () => {
      return (await program.get(`${users}/bob`)).status === 200 || undefined;
    });
  });
});
