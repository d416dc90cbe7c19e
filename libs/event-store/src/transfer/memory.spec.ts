import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { reachabilityRegistry } from '#domain';
import { seedStore } from '#history-seeder';
import { openSqliteEventStore } from '../adapters/sqlite/index.ts';
import { exportFile, importFile, logStats, verifyLog } from './index.ts';

const EVENTS = 100_000;
const USERS = 500;
/** Maximum growth of the live heap in bytes: the events themselves take about 60 MB. */
const ALLOWED = 8_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Measures how much the live heap grows between a fifth of the work and its end. */
class Growth {
  #start: number | null = null;
  #end = 0;
  #next = 0.2;

  at(share: number): void {
    if (share < this.#next) return;
    this.#next += 0.2;
    collectGarbage();
    this.#end = process.memoryUsage().heapUsed;
    this.#start ??= this.#end;
  }

  get bytes(): number {
    if (this.#start === null) throw new Error('Nothing was measured');
    return this.#end - this.#start;
  }
}

describe('Memory use', () => {
  it(`stays flat over ${EVENTS} events during seed, export, import, verify and stats`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'memory-'));
    const file = join(folder, 'log.ndjson');
    const source = await openSqliteEventStore({ path: join(folder, 'a.db') });
    const copy = await openSqliteEventStore({ path: join(folder, 'b.db') });
    const growth = {
      seed: new Growth(),
      export: new Growth(),
      check: new Growth(),
      write: new Growth(),
      verify: new Growth(),
      stats: new Growth(),
    };
    const registry = reachabilityRegistry;
    await seedStore(
      source,
      { users: USERS, events: EVENTS },
      { onWritten: (written) => growth.seed.at(written / EVENTS) },
    );
    const follow = (of: Growth) => ({ onProgress: (_: number, share: number) => of.at(share) });
    await exportFile(source, file, follow(growth.export));
    await importFile(copy, file, {
      registry,
      onProgress: ({ phase, done, total }) => growth[phase].at(done / total),
    });
    await verifyLog(copy, { registry, ...follow(growth.verify) });
    await logStats(copy, follow(growth.stats));
    await source.close();
    await copy.close();
    await rm(folder, { recursive: true });
    for (const [work, { bytes }] of Object.entries(growth)) {
      expect([work, bytes < ALLOWED ? 'flat' : `grew by ${bytes} bytes`]).toEqual([work, 'flat']);
    }
  }, 120_000);
});
