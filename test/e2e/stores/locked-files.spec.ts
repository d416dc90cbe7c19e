import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../../support/http-client.ts';
import { Cli } from '../../support/cli.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Takes the lock that every writer of a SQLite file needs, as another process would. */
function lock(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 10_000 });
  db.exec('BEGIN EXCLUSIVE');
  return db;
}

/** The files of the read model, without those of SQLite beside them. */
const READ_MODEL = /^read-model\.db(\.\w+@v\d+)?$/;

/** Below the time for which a thread waits for a lock, and far above the pauses of a busy machine. */
const MAX_PAUSE_SECONDS = 4;

describe('A file that another process has locked', () => {
  let program: Program;
  let client: StreamClient;
  let users: string;
  let connection: string;
  let serviceSid: string;

  beforeAll(async () => {
    program = await startProgram();
    const service = await program.post('/v2/Services', { FriendlyName: 'Locked' });
    serviceSid = service.sid;
    users = `/v2/Services/${serviceSid}/Users`;
    await program.post(users, { Identity: 'ann' });
    const opened = await program.post(`${users}/ann/Connections`, { Ttl: '300' });
    connection = `${users}/ann/Connections/${opened.sid}`;
    client = connect(program, accessToken(program, serviceSid, 'bob'));
    await client.next();
  });

  afterAll(async () => {
    client.socket.terminate();
    await program.stop();
  });

  /** Resolves when the server has answered a ping of the client. */
  const ping = (): Promise<void> =>
    new Promise((resolve) => {
      client.socket.once('pong', () => resolve());
      client.socket.ping();
    });

  /** Makes a request that needs a locked file, and asks for everything else before it is answered. */
  async function askMeanwhile(request: () => Promise<Answer>): Promise<{
    readonly statuses: readonly number[];
    readonly wasWaiting: boolean;
    readonly answer: Answer;
  }> {
    let wasWaiting = true;
    const asked = request().finally(() => (wasWaiting = false));
    const statuses: number[] = [];
    for (const path of ['/health/live', '/health/ready', users, `${users}/ann`]) {
      statuses.push((await program.get(path)).status);
    }
    await ping();
    return { statuses, wasWaiting, answer: await asked };
  }

  it.each([['state.db', () => program.post(connection, { Ttl: '120' })]])(
    'holds up nothing else, and answers 503 to what needs it: %s',
    async (file, request) => {
      const holder = lock(join(program.dataDir, file));
      try {
        const { statuses, wasWaiting, answer } = await askMeanwhile(request);
        expect(statuses).toEqual([200, 200, 200, 200]);
        expect(wasWaiting).toBe(true);
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
        const ready = await program.get('/health/ready');
        expect(ready.body).toMatchObject({ status: 'ok', parts: { read_model: { status: 'ok' } } });
        expect(ready.body['parts']).not.toMatchObject({ state: { status: 'ok' } });
      } finally {
        holder.close();
      }
      await until('the file to be written again', async () => {
        return (await request()).status < 300 || undefined;
      });
    },
    30_000,
  );

  /** Longest pause of the event loop since the last call, in seconds. */
  async function longestPause(): Promise<number> {
    const { text } = await program.get('/metrics');
    return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);
  }

  it('is the log: writes get 503, reads and probes go on, and writes go on by themselves', async () => {
    await longestPause();
    const write = (name: string): Promise<Answer> => program.post(users, { Identity: name });
    const holder = lock(join(program.dataDir, 'events.db'));
    try {
      const first = write('cleo');
      expect((await program.get(`${users}/ann`)).status).toBe(200);
      const { status, headers } = await first;
      expect([status, headers['retry-after']]).toEqual([503, '1']);
      expect((await write('dan')).status).toBe(503);
      const ready = await program.get('/health/ready');
      expect(ready.body).toMatchObject({
        status: 'event_store_unwritable',
        reason: 'database is locked',
      });
      const refused = connect(program, accessToken(program, serviceSid, 'eve'));
      expect(await refused.next()).toMatchObject({ type: 'error', code: 'unavailable' });
      refused.socket.terminate();
      expect((await program.get(`${users}/ann`)).status).toBe(200);
      await ping();
    } finally {
      holder.close();
    }
    expect(await longestPause()).toBeLessThan(MAX_PAUSE_SECONDS);
    await until('the server to be ready', async () => {
      return (await program.get('/health/ready')).status === 200 || undefined;
    });
    expect((await write('cleo')).status).toBe(201);
  }, 60_000);

  it('is part of the read model: reads go on, also the first one of a version', async () => {
    // Before the rebuild: the metrics open the new version as well.
    await longestPause();
    const cli = new Cli(program.dataDir);
    expect(await cli.run('projections', 'rebuild', 'timeline')).toMatchObject({ code: 0 });
    const files = readdirSync(program.dataDir).filter((name) => READ_MODEL.test(name));
    expect(files).toContain('read-model.db.timeline@v2');
    const holders = files.map((name) => lock(join(program.dataDir, name)));
    try {
      const written = program.post(users, { Identity: 'dan' });
      for (const path of [`${users}/ann`, `${users}/ann/Reachability/History`, '/health/ready']) {
        expect([path, (await program.get(path)).status]).toEqual([path, 200]);
      }
      const { status, headers } = await written;
      expect([status, headers['x-read-model']]).toEqual([201, 'behind']);
    } finally {
      for (const holder of holders) holder.close();
    }
    expect(await longestPause()).toBeLessThan(MAX_PAUSE_SECONDS);
    await until('the read model to follow', async () => {
      return (await program.get(`${users}/dan`)).status === 200 || undefined;
    });
  }, 60_000);

  it('does not keep the server from stopping', async () => {
    const holder = lock(join(program.dataDir, 'events.db'));
    try {
      expect(await program.stop()).toBe(0);
    } finally {
      holder.close();
    }
  }, 60_000);
});
