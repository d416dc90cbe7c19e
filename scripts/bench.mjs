/**
 * Runs the benchmarks of `test/bench` one after another. Usage: `npm run bench -- [part of a name ...] [--option ...]`. Options
 * are passed on.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { buildIfStale } from './build.mjs';

const ROOT = resolve(import.meta.dirname, '..');
/** Modules that the benchmarks share. */
const SHARED = new Set([
  'bare-appends.ts',
  'charts.ts',
  'crowded-read-model.ts',
  'marked-text.ts',
  'child-run.ts',
  'append-load.ts',
  'capacity-appender.ts',
  'capacity-plan.ts',
  'console-crowd.ts',
  'http-turns.ts',
  'many-users.ts',
  'report.ts',
  'visibility-run.ts',
]);

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = process.argv.slice(2).filter((argument) => !options.includes(argument));
const benches = globSync('test/bench/*.ts', { cwd: ROOT })
  .filter((file) => !SHARED.has(basename(file)))
  .filter((file) => wanted.length === 0 || wanted.some((name) => basename(file).includes(name)))
  .sort();

await buildIfStale();
for (const bench of benches) {
  console.log(`\n# ${basename(bench, '.ts')}`);
  const { status } = spawnSync(process.execPath, ['--conditions=source', bench, ...options], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
