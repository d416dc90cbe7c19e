import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import {
  appendForASecond,
  appendTo,
  connectionOpenedEvents,
  type Append,
} from '../../append-load.ts';
import { openBareAppends } from '../../bare-appends.ts';
import { Measurement } from '../../report.ts';
import { OURS, takeTurns, type Contender, type Row, type Sample } from '../results.ts';

const EMMETT = fileURLToPath(new URL('../programs/emmett-append.mjs', import.meta.url));
const MILLISECONDS = 1_000;
/** More than Emmett appends in a second. */
const MOST_OF_EMMETT = 10_000;

/** Durable appends of one event to SQLite, one after another, each to a stream of its own. */
export async function appendRow(rounds: number): Promise<Row> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-append-'));
  const make = connectionOpenedEvents(1);
  const bare = openBareAppends(join(directory, 'bare.db'));
  const store = await openSqliteEventStore({ path: join(directory, 'events.db') });
  let files = 0;
  try {
    const contenders: Contender[] = [
      { name: OURS, measure: () => inThisProcess(make, appendTo(store)) },
      { name: 'bare node:sqlite', measure: () => inThisProcess(make, bare.append) },
      {
        name: 'Emmett on SQLite',
        measure: async () => byEmmett(join(directory, `emmett-${files++}.db`), make),
      },
    ];
    return {
      id: 'append',
      title: 'durable appends, one at a time',
      unit: 'events/s',
      better: 'more',
      series: await takeTurns(contenders, rounds),
      missing: [],
    };
  } finally {
    await store.close();
    bare.close();
    rmSync(directory, { recursive: true });
  }
}

async function inThisProcess(
  make: () => Append,
  append: (what: Append) => unknown,
): Promise<Sample> {
  const measurement = new Measurement();
  const { user, system } = await appendForASecond(measurement, 1, make, append);
  return { value: measurement.perSecond, cpuUs: (user + system) / measurement.count };
}

function byEmmett(file: string, make: () => Append): Sample {
  const input = JSON.stringify(Array.from({ length: MOST_OF_EMMETT }, make));
  const args = [EMMETT, file, String(MILLISECONDS)];
  const text = execFileSync(process.execPath, args, { input, encoding: 'utf8' });
  const { operations, ms, cpuMs } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<
    'operations' | 'ms' | 'cpuMs',
    number
  >;
  return { value: (operations / ms) * 1_000, cpuUs: (cpuMs / operations) * 1_000 };
}
