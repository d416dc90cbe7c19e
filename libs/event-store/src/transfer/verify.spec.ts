import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reachabilityRegistry } from '#domain';
import { seedStore } from '#history-seeder';
import { openSqliteEventStore } from '../adapters/sqlite/index.ts';
import { logStats, verifyLog, type LogVerification, type VerifyOptions } from './index.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-'));
  path = join(folder, 'events.db');
  const store = await openSqliteEventStore({ path });
  await seedStore(store, { users: 20, events: 300, seed: 3 });
  await store.close();
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Executes SQL on the file directly, past the store. */
function damage(sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

async function verified(options: Partial<VerifyOptions> = {}): Promise<LogVerification> {
  const store = await openSqliteEventStore({ path });
  try {
    return await verifyLog(store, { registry: reachabilityRegistry, ...options });
  } finally {
    await store.close();
  }
}

describe('A verification', () => {
  it('finds nothing in an undamaged log, and counts its events and streams', async () => {
    expect(await verified()).toEqual({
      events: 300,
      streams: 24,
      head: '00000000000000000300',
      errors: 0,
      warnings: 0,
      findings: [],
    });
  });

  it('finds a gap where an event was removed from its stream', async () => {
    damage("DELETE FROM events WHERE stream = 'node-node-1' AND revision = 1");
    const { errors, findings } = await verified();
    expect(errors).toBe(1);
    expect(findings[0]).toMatchObject({
      severity: 'error',
      code: 'gap',
      stream: 'node-node-1',
      revision: 2,
      message: 'the stream should have revision 1 here',
    });
  });

  it('finds events of a stream in the wrong order', async () => {
    damage(`
      UPDATE events SET revision = 1000 WHERE stream = 'node-node-1' AND revision = 1;
      UPDATE events SET revision = 1 WHERE stream = 'node-node-1' AND revision = 2;
      UPDATE events SET revision = 2 WHERE stream = 'node-node-1' AND revision = 1000;`);
    const { findings } = await verified();
    expect(findings.map(({ code, revision }) => [code, revision])).toEqual([
      ['gap', 2],
      ['gap', 1],
      ['gap', 3],
    ]);
  });

  it('finds an event of an unknown type, as a warning with keepUnknownTypes', async () => {
    damage("UPDATE events SET type = 'NodeTeleported' WHERE position = 7");
    expect(await verified()).toMatchObject({
      errors: 1,
      findings: [{ code: 'unknown_type', severity: 'error', position: '00000000000000000007' }],
    });
    expect(await verified({ keepUnknownTypes: true })).toMatchObject({
      errors: 0,
      warnings: 1,
      findings: [{ code: 'unknown_type', severity: 'warning' }],
    });
  });

  it.each([
    ['schema', `UPDATE events SET data = '{"nodeId":7}' WHERE position = 7`],
    ['schema', 'UPDATE events SET schema_version = 9 WHERE position = 7'],
    ['metadata', `UPDATE events SET metadata = '{"actor":"cli"}' WHERE position = 7`],
    [
      'metadata',
      "UPDATE events SET metadata = json_set(metadata, '$.occurredAt', 'noon') WHERE position = 7",
    ],
    ['unreadable', `UPDATE events SET data = '{"cut' WHERE position = 7`],
    ['unreadable', `UPDATE events SET data = '[]' WHERE position = 7`],
    ['unreadable', `UPDATE events SET metadata = '' WHERE position = 7`],
  ])('finds damage of the kind %s and continues after it: %s', async (code, sql) => {
    damage(`${sql}; ${sql.replace('= 7', '= 280')}`);
    const { events, findings, errors } = await verified();
    expect(events).toBe(300);
    expect(findings.map((finding) => [finding.code, finding.position.slice(-3)])).toEqual([
      [code, '007'],
      [code, '280'],
    ]);
    expect(errors).toBe(2);
  });

  it('finds an id that two events have, and reports where the first is', async () => {
    damage(
      'UPDATE events SET id = (SELECT id FROM events WHERE position = 1) WHERE position = 250',
    );
    const { errors, findings } = await verified();
    expect(errors).toBe(1);
    expect(findings[0]).toMatchObject({ code: 'repeated_id', position: '00000000000000000250' });
    expect(findings[0]?.message).toMatch(/^has the id [0-9a-f-]{36} of service-IS[0-9a-f]{32}@0$/);
  });

  it('warns of an event dated in the future, because later events take over its time', async () => {
    damage(
      "UPDATE events SET metadata = json_set(metadata, '$.occurredAt', '2099-01-01T00:00:00.000Z') WHERE position = 9",
    );
    expect(await verified()).toMatchObject({
      errors: 0,
      warnings: 1,
      findings: [{ code: 'future' }],
    });
    const clock = () => new Date('2099-01-01T00:00:00.000Z');
    expect(await verified({ clock })).toMatchObject({ warnings: 0 });
  });

  it('returns the first findings and counts all of them', async () => {
    damage("UPDATE events SET type = 'Unheard' WHERE position > 200");
    const { errors, findings } = await verified({ limit: 3 });
    expect(errors).toBe(100);
    expect(findings.map(({ position }) => position.slice(-3))).toEqual(['201', '202', '203']);
  });

  it('throws the reason when it is aborted', async () => {
    const store = await openSqliteEventStore({ path: join(folder, 'other.db') });
    await seedStore(store, { users: 50, events: 1_500 });
    const reason = new Error('enough');
    const verifying = verifyLog(store, {
      registry: reachabilityRegistry,
      signal: AbortSignal.abort(reason),
    });
    await expect(verifying).rejects.toBe(reason);
    await store.close();
  });
});

describe('Log statistics', () => {
  it('count events, streams by category and types, and give the first and last time', async () => {
    const store = await openSqliteEventStore({ path });
    const { epoch } = store;
    const stats = await logStats(store);
    await store.close();
    expect(stats).toMatchObject({ epoch, head: '00000000000000000300', events: 300 });
    expect(stats.streams).toEqual({ node: 2, service: 2, user: 20 });
    expect(Object.values(stats.types).reduce((sum, count) => sum + count)).toBe(300);
    expect(stats.firstAt).toMatch(/^2025-01-06T00:00:0/);
    expect(stats.lastAt! > stats.firstAt!).toBe(true);
  });

  it('are zero and null for an empty log', async () => {
    const store = await openSqliteEventStore({ path: join(folder, 'empty.db') });
    const stats = await logStats(store);
    await store.close();
    const { epoch } = store;
    const nothing = { head: null, events: 0, streams: {}, types: {}, firstAt: null, lastAt: null };
    expect(stats).toEqual({ epoch, ...nothing });
  });
});
