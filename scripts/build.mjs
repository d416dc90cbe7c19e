/**
 * Builds the program into `dist`. Usage: `node scripts/build.mjs [--if-stale]`; with `--if-stale` it builds only where
 * `dist` is missing or was built from other sources.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');
const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
const STAMP = join(ROOT, 'dist/.sources');
const MIGRATIONS = 'libs/postgres/migrations';
const SOURCES = [
  '{apps,libs}/**/*.ts',
  `${MIGRATIONS}/*.sql`,
  'package.json',
  'tsconfig*.json',
  'nest-cli.json',
];

/** Builds unless `dist` was built from exactly these sources. */
export function buildIfStale() {
  const built = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
  if (built !== hashOfSources()) build();
}

/** Builds the program. @throws Error where the compiler fails */
export function build() {
  const hash = hashOfSources();
  rmSync(STAMP, { force: true });
  const { status } = spawnSync(process.execPath, [NEST, 'build', 'api'], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr.fd, 'inherit'],
  });
  if (status !== 0) throw new Error('The build failed');
  removeOrphans();
  rmSync(join(ROOT, 'dist', MIGRATIONS), { recursive: true, force: true });
  cpSync(join(ROOT, MIGRATIONS), join(ROOT, 'dist', MIGRATIONS), { recursive: true });
  writeFileSync(STAMP, hash);
}

function hashOfSources() {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: ROOT }).filter((file) => !file.endsWith('.spec.ts'));
  for (const file of files.sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Removes the output of deleted sources. A running program can use the other files in the meantime. */
function removeOrphans() {
  const dist = join(ROOT, 'dist');
  for (const file of globSync('{apps,libs}/**/*.js', { cwd: dist })) {
    const source = join(ROOT, file.replace(/\.js$/, '.ts'));
    if (existsSync(source)) continue;
    rmSync(join(dist, file));
    rmSync(join(dist, `${file}.map`), { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (process.argv.includes('--if-stale')) buildIfStale();
    else build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
