import { execFileSync, spawnSync } from 'node:child_process';
import { CheckError } from './check.ts';

/**
 * Runs a command in a folder, and returns what it prints.
 *
 * @throws CheckError with the last line that it says, if it fails
 */
export function runCommand(folder: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: Infinity,
  });
  if (status === 0) return stdout;
  const output = (stderr.trim() === '' ? stdout : stderr).trim();
  const reason = error?.message ?? output.split('\n').at(-1) ?? '';
  throw new CheckError(`\`${[command, ...args].join(' ')}\` failed: ${reason}`);
}

/** Returns whether a command is installed. */
export function hasCommand(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
