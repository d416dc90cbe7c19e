import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureVisibility } from '../visibility-run.ts';
import type { Growth, Point } from './curves.ts';

const RATES = [100, 250, 500, 1_000, 2_000, 4_000, 8_000];
const SECONDS = 6;
/** A lag of less is not told apart. */
const LEAST_MS = 0.1;

/** How long after its acknowledgement a change shows in reads, against the changes in a second. */
export async function ratesGrowth(): Promise<Growth> {
  const p50: Point[] = [];
  const p99: Point[] = [];
  for (const rate of RATES) {
    const directory = mkdtempSync(join(tmpdir(), 'bench-growth-'));
    try {
      const settings = {
        EVENT_STORE: 'sqlite',
        DATA_DIR: directory,
        CLOCK_LEAD_SECONDS: 60,
      } as const;
      const lag = await measureVisibility(settings, rate, SECONDS);
      p50.push({ x: rate, y: Math.max(LEAST_MS, lag.percentile(0.5)) });
      p99.push({ x: rate, y: Math.max(LEAST_MS, lag.percentile(0.99)) });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
  return {
    id: 'rates',
    title: 'Lag of reads against the rate of changes',
    x: 'changes/s',
    y: 'ms until reads show it',
    curves: [
      { name: 'p50', points: p50 },
      { name: 'p99', points: p99 },
    ],
  };
}
