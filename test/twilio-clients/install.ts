/**
 * Installs the trees of Twilio's packages that are missing or broken. Exits with 1 if that fails, unless the registry
 * cannot be reached: then the tests of these packages are skipped.
 *
 * Usage: node test/twilio-clients/install.ts
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env } from 'node:process';
import { clientTrees, isInstalled, missingPackages, type ClientTree } from './trees.ts';

/** Installations at the same time. */
const CONCURRENCY = 2;
/** Longest time for one tree, in milliseconds. */
const PATIENCE_MS = 180_000;
/** How npm says that it did not reach the registry. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED|E50[0234]|network)\b/i;

/** Why a tree could not be installed. */
export interface InstallFailure {
  readonly tree: string;
  readonly reason: string;
  readonly isOffline: boolean;
}

/** Installs all trees that are not whole, and returns what failed. Once the registry is out of reach, it stops. */
export async function installTrees(trees = clientTrees()): Promise<InstallFailure[]> {
  const failures: InstallFailure[] = [];
  const queue = trees.filter((tree) => !isInstalled(tree));
  const work = async (): Promise<void> => {
    for (let tree = queue.shift(); tree !== undefined; tree = queue.shift()) {
      const failure = await installTree(tree);
      if (failure !== null) failures.push(failure);
      if (failure?.isOffline === true) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return failures;
}

/**
 * Installs into a folder beside the tree, then renames: another process sees a whole installation or none. Where two
 * processes install the same tree, the first to rename wins.
 */
async function installTree(tree: ClientTree): Promise<InstallFailure | null> {
  const staging = mkdtempSync(join(tree.folder, '.install-'));
  try {
    for (const file of ['package.json', 'package-lock.json']) {
      cpSync(join(tree.folder, file), join(staging, file));
    }
    const output = await npmCi(staging);
    const missing = missingPackages(tree, staging);
    if (missing.length > 0) {
      const isOffline = UNREACHABLE.test(output);
      return { tree: tree.name, reason: reasonIn(output) ?? `no ${missing.join(', ')}`, isOffline };
    }
    replaceModules(tree, staging);
    return null;
  } finally {
    rmSync(staging, { recursive: true, force: true, maxRetries: 5 });
  }
}

function replaceModules(tree: ClientTree, staging: string): void {
  const modules = join(tree.folder, 'node_modules');
  if (isInstalled(tree)) return;
  if (existsSync(modules)) renameSync(modules, join(staging, 'broken'));
  try {
    renameSync(join(staging, 'node_modules'), modules);
  } catch (error) {
    if (!isInstalled(tree)) throw error;
  }
}

/** Runs `npm ci` without install scripts, and returns its output, whether it succeeds or not. */
function npmCi(folder: string): Promise<string> {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const args = [
    'ci',
    '--prefix',
    folder,
    ...flags,
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
  ];
  const options = { cwd: folder, timeout: PATIENCE_MS, env: { ...env, NODE_ENV: '' } };
  return new Promise((done) => {
    execFile('npm', args, options, (error, stdout, stderr) => {
      done(`${stdout}${stderr}${error?.killed === true ? '\nnpm error network timed out' : ''}`);
    });
  });
}

/** The first line in which npm names a reason. */
function reasonIn(output: string): string | null {
  return /^npm error (?!code )(.+)$/m.exec(output)?.[1] ?? null;
}

if (argv[1] === import.meta.filename) {
  const failures = await installTrees();
  for (const { tree, reason } of failures) {
    process.stderr.write(
      `Tests of ${tree} are skipped, because npm cannot install it: ${reason}\n`,
    );
  }
  if (failures.some(({ isOffline }) => !isOffline)) process.exitCode = 1;
}
