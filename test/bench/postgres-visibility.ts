/**
 * Compares how soon reads advance an appended event in PostgreSQL and in files, at a steady 2,000 events per second: the
 * embedded event store in one process with the projection thread.
 * Run: `npm run bench -- postgres-visibility`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#postgres';
import { startPostgres } from '../support/postgres.ts';
import { printMachine } from './report.ts';
import { measureVisibility, printVisibility } from './visibility-run.ts';

const PER_SECOND = 2_000;
const ROUNDS = 2;

const postgres = await startPostgres();
try {
  printMachine(0);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const url = await postgres.createDatabase();
    await migrate(url);
    for (const database of [{}, { DATABASE_URL: url }]) {
      const directory = mkdtempSync(join(tmpdir(), 'bench-visibility-'));
      const settings = {
        EVENT_STORE: 'sqlite',
        DATA_DIR: directory,
        CLOCK_LEAD_SECONDS: 60,
        ...database,
      } as const;
      const name = 'DATABASE_URL' in database ? 'PostgreSQL' : 'files';
      printVisibility(name, await measureVisibility(settings, PER_SECOND));
      rmSync(directory, { recursive: true });
    }
  }
} finally {
  await postgres.stop();
}
