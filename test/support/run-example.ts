import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Program } from './program.ts';
import { until } from './until.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** An example of the folder `examples` as a process of its own. */
export class RunningExample {
  readonly #child: ChildProcess;
  #printed = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => (this.#printed += part));
    }
  }

  /** Waits until it has printed what matches. @throws Error with what it printed instead */
  async says(line: RegExp): Promise<void> {
    try {
      await until(String(line), () => line.test(this.#printed) || undefined);
    } catch (cause) {
      throw new Error(`The example printed:\n${this.#printed}`, { cause });
    }
  }

  /** Ends it as Ctrl-C does, and returns its exit code. */
  async end(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGINT');
      await exited;
    }
    return this.#child.exitCode;
  }
}

/** Starts an example that goes on until it is told to end. */
export function startExample(
  program: Program,
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): RunningExample {
  return new RunningExample(
    spawnExample(program, [join(ROOT, 'examples', file), ...args], { env }),
  );
}

/** Starts an example that was copied to a folder, in which it finds its packages. */
export function startExampleIn(
  folder: string,
  program: Program,
  ...args: readonly string[]
): RunningExample {
  return new RunningExample(spawnExample(program, args, { cwd: folder }));
}

/** Starts the development server of an example that is a page. */
export function startPage(program: Program, folder: string, port: number): RunningExample {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const args = [vite, join(ROOT, 'examples', folder), '--port', String(port), '--strictPort'];
  return new RunningExample(spawnExample(program, args));
}

/** Runs an example to its end, and returns what it printed. @throws Error where it fails */
export async function runExample(
  program: Program,
  [file, ...args]: readonly [string, ...string[]],
): Promise<string> {
  const child = spawnExample(program, [join(ROOT, 'examples', file), ...args]);
  const exited = once(child, 'exit');
  const [printed, complaint] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  await exited;
  if (child.exitCode === 0) return printed;
  throw new Error(`${file} ended with ${String(child.exitCode)}: ${complaint}`);
}

function spawnExample(
  program: Program,
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): ChildProcess {
  const { accountSid, authToken } = program.credentials;
  return spawn(join(ROOT, 'node_modules/.bin/node'), args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      ACCOUNT_SID: accountSid,
      AUTH_TOKEN: authToken,
      REACHABILITY_URL: program.url,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
