import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `.verify-<pid>-<random>`, with the suffixes of SQLite. */
const SCRATCH = /^\.verify-(\d+)-[0-9a-f]{8}(-wal|-shm)?$/;

/**
 * Path of a temporary file of this process beside a version's file. Removes the files of processes that ended without
 * removing theirs: each is as large as the version.
 */
export function scratchPath(path: string): string {
  const directory = dirname(path);
  for (const file of readdirSync(directory)) {
    if (!file.startsWith(basename(path))) continue;
    const owner = SCRATCH.exec(file.slice(basename(path).length))?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) {
      rmSync(join(directory, file), { force: true });
    }
  }
  return `${path}.verify-${process.pid}-${randomBytes(4).toString('hex')}`;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Any other error, such as missing permission, means that the process exists.
    return !(
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ESRCH'
    );
  }
}
