import { spawnSync } from 'node:child_process';

/** First argument of a bench that is to do one thing, print its {@link Run} as JSON, and end. */
export const ALONE = 'alone';

/** What one process has done. */
export interface Run {
  readonly events: number;
  readonly ms: number;
  /** Milliseconds of all its threads: other work on the machine changes them less than `ms`. */
  readonly cpuMs: number;
  /** Memory beyond what it took at some point, in bytes, where that was measured. */
  readonly growth?: number;
}

/** Runs a bench in a process of its own, with the heap limit of the command line. */
export function alone(bench: string, ...args: readonly string[]): Run {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--heap-growing-percent=100', '--conditions=source', bench, ALONE, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${args.join(' ')} failed`);
  return JSON.parse(stdout) as Run;
}

/** Measures work that answers how many events it took. */
export async function measured(work: () => number | Promise<number>): Promise<Run> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const events = await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { events, ms, cpuMs: (user + system) / 1_000 };
}

/** Events per second. */
export function rate({ events, ms }: Run): number {
  return Math.round((events / ms) * 1_000);
}

/** How fast a rebuild is beside the bare loop over the same log. */
export function ratio(bare: Run, rebuilt: Run): string {
  const byClock = (bare.ms / rebuilt.ms).toFixed(2);
  return `${byClock} x bare (${(bare.cpuMs / rebuilt.cpuMs).toFixed(2)} by CPU time)`;
}
