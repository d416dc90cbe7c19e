import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `<path>.verify-<process>-<chance>`, with what SQLite appends. */
const SCRATCH = /^\.verify-(\d+)-[0-9a-f]{8}(-wal|-shm)?$/;

/**
 * Path of a file beside a version's own, for this process and for a while. Files of processes that ended without
 * removing theirs are removed: they are as large as the version.
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
    // Anything else, such as a process of another user, means that it is there.
    return !(
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ESRCH'
    );
  }
}
