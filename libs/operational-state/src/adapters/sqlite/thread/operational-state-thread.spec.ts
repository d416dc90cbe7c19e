import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../../../../test/support/until.ts';
import { OperationalStateUnavailableError, type OperationalState } from '../../../index.ts';
import { openOperationalStateInThread } from './index.ts';

const ENTRY = {
  connectionSid: 'CN1',
  serviceSid: 'IS1',
  userSid: 'US1',
  ttlSeconds: 30,
  renewedAt: 1_000,
};

let directory: string;
let path: string;
let state: OperationalState;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'state-thread-'));
  path = join(directory, 'state.db');
  state = await openOperationalStateInThread(path, { busyTimeoutMs: 50, timeoutMs: 10_000 });
});

afterEach(async () => {
  await state.close();
  rmSync(directory, { recursive: true });
});

function lock(): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec('BEGIN EXCLUSIVE');
  return db;
}

describe('operational state in a thread', () => {
  it('answers like the file itself', async () => {
    await state.ttls.start(ENTRY);
    expect(await state.ttls.renew('CN1', 60, 2_000)).toBe(true);
    expect(await state.ttls.find('CN1')).toEqual({ ...ENTRY, ttlSeconds: 60, renewedAt: 2_000 });
    expect(await state.webhookQueue.findDue(0)).toEqual({ services: [], nextAt: null });
  });

  it('carries maps and sets', async () => {
    const { webhookEnqueuerStore: store } = state;
    await store.begin('epoch', null);
    const expected = await store.checkpoint();
    const next = { ...expected, position: '1', effectiveAt: '2026-01-01T00:00:00.000Z' };
    const users = new Map([['US1', { serviceSid: 'IS1', state: '{}' }]]);
    const committed = await store.commit(expected, next, {
      users,
      targets: new Map(),
      clearedServices: new Set(['IS2']),
      deliveries: [],
      now: 0,
    });
    expect(committed).toBe(true);
    expect(await store.users(['US1', 'US2'])).toEqual(new Map([['US1', '{}']]));
  });

  it('keeps the event loop free while another process holds the lock, and recovers', async () => {
    const holder = lock();
    const turns: string[] = [];
    const renewed = state.ttls.start(ENTRY).catch((error: unknown) => {
      turns.push('refused');
      return error;
    });
    setImmediate(() => turns.push('other work'));
    expect(await renewed).toBeInstanceOf(OperationalStateUnavailableError);
    expect(turns).toEqual(['other work', 'refused']);
    holder.close();
    await state.ttls.start(ENTRY);
    expect(await state.ttls.find('CN1')).toEqual(ENTRY);
  });

  it('does not carry out a call that nobody waits for any more', async () => {
    const impatient = await openOperationalStateInThread(path, {
      busyTimeoutMs: 60_000,
      timeoutMs: 200,
    });
    const holder = lock();
    const blocked = impatient.ttls.find('CN1').then(() => impatient.ttls.start(ENTRY));
    await expect(blocked).rejects.toThrow('did not answer within 200 ms');
    const queued = impatient.ttls.start({ ...ENTRY, connectionSid: 'CN2' });
    await expect(queued).rejects.toBeInstanceOf(OperationalStateUnavailableError);
    holder.close();
    await until('the thread to answer', async () => {
      return (await impatient.ttls.find('CN1').catch(() => null)) ?? undefined;
    });
    expect(await impatient.ttls.find('CN2')).toBeNull();
    await impatient.close();
  });

  it('passes an error of the caller on as it is', async () => {
    const call = state.webhookQueue.find('IS1', { not: 'a sid' } as never);
    await expect(call).rejects.not.toBeInstanceOf(OperationalStateUnavailableError);
  });

  it('names the file that it cannot open', async () => {
    const wrong = join(directory, 'wrong.db');
    writeFileSync(wrong, 'This is text and not a database. '.repeat(100));
    await expect(openOperationalStateInThread(wrong)).rejects.toThrow(`Cannot open ${wrong}`);
  });

  it('lets a process that only waits for its end get there, also where a call was under way', async () => {
    const script = `
      import { openOperationalStateInThread } from '#operational-state/adapters/sqlite/thread/index';
      const state = await openOperationalStateInThread(${JSON.stringify(path)});
      void state.ttls.find('CN1');
      await state.close();
      process.stdout.write('closed');`;
    const options = ['--conditions=source', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    expect(stdout).toBe('closed');
  });
});
