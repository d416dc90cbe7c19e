/**
 * Builds the program and its web console into `dist`. Usage: `node scripts/build.mjs [--if-stale]`; with `--if-stale` it
 * builds only the parts that are missing or were built from other sources.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');
const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
const MIGRATIONS = 'libs/postgres/migrations';
const CONSOLE = 'apps/console/**';

/** What is built by itself: its sources, and the file with the hash of those that `dist` was built from. */
const PARTS = [
  {
    name: 'program',
    stamp: join(ROOT, 'dist/.sources'),
    sources: [
      '{apps,libs}/**/*.ts',
      `${MIGRATIONS}/*.sql`,
      'package.json',
      'tsconfig*.json',
      'nest-cli.json',
    ],
    exclude: [CONSOLE],
    build: buildProgram,
  },
  {
    name: 'console',
    stamp: join(ROOT, 'dist/.console-sources'),
    sources: [
      `${CONSOLE}/*.{ts,tsx,css,svg,html,mjs,json}`,
      'libs/client/src/**/*.ts',
      'scripts/build-console.mjs',
      'package.json',
      'package-lock.json',
    ],
    exclude: [],
    build: buildConsole,
  },
];

/** Builds the parts of `dist` that were not built from exactly these sources. */
export async function buildIfStale() {
  await buildParts(
    PARTS.filter(({ stamp, ...part }) => {
      const built = existsSync(stamp) ? readFileSync(stamp, 'utf8') : null;
      return built !== hashOfSources(part);
    }),
  );
}

/** Builds program and console. @throws Error where a compiler fails */
export async function build() {
  await buildParts(PARTS);
}

async function buildParts(parts) {
  if (parts.length === 0) return;
  const started = performance.now();
  const names = parts.map(({ name }) => name).join(' and ');
  process.stderr.write(`Building the ${names}, which takes up to a minute\n`);
  await Promise.all(parts.map(buildPart));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stderr.write(`Built the ${names} in ${seconds} s\n`);
}

async function buildPart(part) {
  const hash = hashOfSources(part);
  rmSync(part.stamp, { force: true });
  await part.build();
  writeFileSync(part.stamp, hash);
}

async function buildProgram() {
  await run(NEST, 'build', 'api');
  removeOrphans();
  rmSync(join(ROOT, 'dist', MIGRATIONS), { recursive: true, force: true });
  cpSync(join(ROOT, MIGRATIONS), join(ROOT, 'dist', MIGRATIONS), { recursive: true });
}

/** In a process of its own: Vite sets NODE_ENV to production where it runs, and the program may run here next. */
async function buildConsole() {
  await run(join(import.meta.dirname, 'build-console.mjs'));
}

/** Runs a script to its end. @throws Error where it fails */
async function run(script, ...args) {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr.fd, 'inherit'],
  });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error('The build failed');
}

function hashOfSources({ sources, exclude }) {
  const hash = createHash('sha256');
  const files = globSync(sources, { cwd: ROOT, exclude }).filter(
    (file) => !file.endsWith('.spec.ts'),
  );
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
  for (const file of globSync('{apps,libs}/**/*.js', { cwd: dist, exclude: [CONSOLE] })) {
    const source = join(ROOT, file.replace(/\.js$/, '.ts'));
    if (existsSync(source)) continue;
    rmSync(join(dist, file));
    rmSync(join(dist, `${file}.map`), { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    if (process.argv.includes('--if-stale')) await buildIfStale();
    else await build();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
