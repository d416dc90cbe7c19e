import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect, type StreamClient } from '../support/stream-client.ts';
import { until } from '../support/until.ts';

/** Takes the lock that every writer of a SQLite file needs, as another process would. */
function lock(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 10_000 });
  db.exec('BEGIN EXCLUSIVE');
  return db;
}

describe('A file that another process has locked', () => {
  let program: Program;
  let client: StreamClient;
  let users: string;
  let connection: string;

  beforeAll(async () => {
    program = await startProgram();
    const service = await program.post('/v2/Services', { FriendlyName: 'Locked' });
    users = `/v2/Services/${service.sid}/Users`;
    await program.post(users, { Identity: 'ann' });
    const opened = await program.post(`${users}/ann/Connections`, { Ttl: '300' });
    connection = `${users}/ann/Connections/${opened.sid}`;
    client = connect(program, accessToken(program, service.sid, 'bob'));
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
      } finally {
        holder.close();
      }
      await until('the file to be written again', async () => {
        return (await request()).status < 300 || undefined;
      });
    },
    30_000,
  );
});
