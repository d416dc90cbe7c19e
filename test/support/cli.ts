import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'dist/apps/cli/src/main.js');

/** Longest time until a command prints the expected text, or ends, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Exit code and output of a finished command. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The operating system's user that runs a command; that of the tests by default. */
export interface CliUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** The built CLI as a child process. */
export class CliProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(
    dataDir: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    user: CliUser = {},
  ) {
    this.child = spawn(NODE, [MAIN, ...args], {
      ...user,
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  /** Waits until the output of the command matches. */
  async printed(expected: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!expected.test(this[stream])) {
      if (this.child.exitCode !== null || Date.now() > deadline) {
        throw new Error(
          `The output does not match ${String(expected)}:\n${this.stdout}${this.stderr}`,
        );
      }
      await delay(10);
    }
  }

  /** Waits until the command ends, and returns its result. */
  async ended(): Promise<CliResult> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    await this.#closed;
    clearTimeout(timer);
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** Sends a signal, SIGINT by default, and waits for the end. */
  interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<CliResult> {
    this.child.kill(signal);
    return this.ended();
  }
}

/** The CLI on one data directory. */
export class Cli {
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #user: CliUser;

  constructor(dataDir: string, env: Readonly<Record<string, string>> = {}, user: CliUser = {}) {
    this.#dataDir = dataDir;
    this.#env = env;
    this.#user = user;
  }

  /** Starts a command that runs until it is interrupted. */
  start(...args: readonly string[]): CliProcess {
    return new CliProcess(this.#dataDir, args, this.#env, this.#user);
  }

  /** Runs a command until it ends. */
  run(...args: readonly string[]): Promise<CliResult> {
    return this.start(...args).ended();
  }

  /** Runs a command that must succeed and returns the JSON document that it prints. */
  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse((await this.#succeeding(args)).stdout) as unknown;
  }

  /** Runs a command that must succeed and returns the JSON documents that it prints, one a line. */
  async jsonLines(...args: readonly string[]): Promise<unknown[]> {
    return parseLines((await this.#succeeding(args)).stdout);
  }

  async #succeeding(args: readonly string[]): Promise<CliResult> {
    const result = await this.run(...args, '--json');
    if (result.code !== 0) throw new Error(`Exit code ${result.code ?? 'none'}: ${result.stderr}`);
    return result;
  }
}

/** The documents of NDJSON text. */
export function parseLines(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}
