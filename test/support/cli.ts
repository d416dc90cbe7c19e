import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'dist/apps/cli/src/main.js');

/** Longest that a command may take to print what is expected, or to end, in milliseconds. */
const PATIENCE_MS = 20_000;

/** What a command that has ended left behind. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line as a process of its own. */
export class CliProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(dataDir: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(NODE, [MAIN, ...args], {
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Waits until the command has printed something that matches. */
  async printed(expected: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!expected.test(this[stream])) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${String(expected)} was not printed:\n${this.stdout}${this.stderr}`);
      }
      await delay(10);
    }
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<CliResult> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.#closed;
    clearTimeout(timer);
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** Sends a signal, as Ctrl-C does, and waits for the end. */
  interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<CliResult> {
    this.child.kill(signal);
    return this.ended();
  }
}

/** The command line on one data directory. */
export class Cli {
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(dataDir: string, env: Readonly<Record<string, string>> = {}) {
    this.#dataDir = dataDir;
    this.#env = env;
  }

  /** Starts a command that goes on until it is interrupted. */
  start(...args: readonly string[]): CliProcess {
    return new CliProcess(this.#dataDir, args, this.#env);
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<CliResult> {
    return this.start(...args).ended();
  }

  /** Runs a command that succeeds, and answers the JSON document that it prints. */
  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse((await this.#succeeding(args)).stdout) as unknown;
  }

  /** Runs a command that succeeds, and answers the JSON documents that it prints line by line. */
  async jsonLines(...args: readonly string[]): Promise<unknown[]> {
    return parseLines((await this.#succeeding(args)).stdout);
  }

  async #succeeding(args: readonly string[]): Promise<CliResult> {
    const result = await this.run(...args, '--json');
    if (result.code !== 0) throw new Error(`Exit code ${result.code ?? 'none'}: ${result.stderr}`);
    return result;
  }
}

/** Documents of NDJSON. */
export function parseLines(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}
