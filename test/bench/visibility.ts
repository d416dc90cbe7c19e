/**
 * Measures the time from the acknowledgement of an append until reads advance it: the embedded store in one process with
 * the projection thread, at a steady 500 events per second.
 * Run: `node --conditions=source test/bench/visibility.ts`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printMachine } from './report.ts';
import { measureVisibility, printVisibility } from './visibility-run.ts';

const PER_SECOND = 500;

const directory = mkdtempSync(join(tmpdir(), 'bench-visibility-'));
try {
  printMachine(0);
  const settings = { EVENT_STORE: 'sqlite', DATA_DIR: directory, CLOCK_LEAD_SECONDS: 60 } as const;
  printVisibility('files', await measureVisibility(settings, PER_SECOND));
} finally {
  rmSync(directory, { recursive: true });
}
