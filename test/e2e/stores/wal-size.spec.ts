import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';

/** The file of the log keeps a larger write-ahead log. */
const FILES = ['state.db', 'read-model.db.users@v1'];
const MIB = 1024 * 1024;
/** Each is in the read model, and in the answer that is kept for its idempotency key. */
const ATTRIBUTES = JSON.stringify({ note: 'x'.repeat(15_000) });

describe('The write-ahead logs of a server', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(async () => {
    await program.stop();
  });

  /** Starts a read of another process, such as a backup. */
  function startReading(file: string): DatabaseSync {
    const db = new DatabaseSync(join(program.dataDir, file), { readOnly: true });
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  }

  const sizes = (): number[] =>
    FILES.map((file) => statSync(join(program.dataDir, `${file}-wal`)).size);

  /** Writes while another process reads, until all write-ahead logs are large; returns the end of the reads. */
  async function grow(): Promise<() => void> {
    const service = await program.post('/v2/Services', { FriendlyName: 'Read for long' });
    const users = `/v2/Services/${service.sid}/Users`;
    const readers = FILES.map(startReading);
    let written = 0;
    await until(
      'the write-ahead logs to grow',
      async () => {
        written += 1;
        const headers = { 'Idempotency-Key': `${service.sid}-${written}` };
        const form = { Identity: `user-${written}`, Attributes: ATTRIBUTES };
        expect((await program.post(users, form, { headers })).status).toBe(201);
        return Math.min(...sizes()) > 2 * MIB || undefined;
      },
      60_000,
    );
    return () => readers.forEach((reader) => reader.close());
  }

  const shrunk = (): Promise<boolean> =>
    until('the write-ahead logs to shrink', () => Math.max(...sizes()) < MIB || undefined, 30_000);

  it('grow during a long read, and are small again some time after it', async () => {
    const endReads = await grow();
    endReads();
    await shrunk();
  }, 120_000);

  it('are small some time after the start that follows a crash', async () => {
    const endReads = await grow();
    await program.kill();
    endReads();
    expect(Math.min(...sizes())).toBeGreaterThan(2 * MIB);
    program = await program.restart();
    await shrunk();
  }, 120_000);
});
