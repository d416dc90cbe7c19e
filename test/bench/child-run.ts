import { spawnSync } from 'node:child_process';

/** First argument that makes a bench do a single run and print its {@link Run} as JSON. */
export const SINGLE_RUN = 'alone';

/** Result of one process. */
export interface Run {
  readonly events: number;
  readonly ms: number;
  /** CPU time of all threads in milliseconds; other load of the machine changes it less than `ms`. */
  readonly cpuMs: number;
  /** Growth of its memory in bytes, if measured. */
  readonly growth?: number;
}

/** Runs a bench in a child process, with the heap limit of the command line. */
export function runInChild(bench: string, ...args: readonly string[]): Run {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--heap-growing-percent=100', '--conditions=source', bench, SINGLE_RUN, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${args.join(' ')} failed`);
  return JSON.parse(stdout) as Run;
}

/** Measures work that returns its number of events. */
export async function measure(work: () => number | Promise<number>): Promise<Run> {
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

/** Speed of a rebuild relative to the bare loop over the same log. */
export function ratio(bare: Run, rebuilt: Run): string {
  const byClock = (bare.ms / rebuilt.ms).toFixed(2);
  return `${byClock} x bare (${(bare.cpuMs / rebuilt.cpuMs).toFixed(2)} by CPU time)`;
}
