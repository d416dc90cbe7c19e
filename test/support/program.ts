import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from './http-client.ts';
import { until } from './until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = 'dist/apps/api/src/main.js';
/** The option of `npm start` and the container image. */
const HEAP = '--max-semi-space-size=8';

/** Longest time for a start or a clean stop, in milliseconds. */
const PATIENCE_MS = 60_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramOptions {
  /** Settings in addition to the defaults: a free port of 127.0.0.1, the data directory, log level `warn`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A directory that is kept after the stop; by default a temporary one, which is removed. */
  readonly dataDir?: string;
  /** Whether to wait for /health/ready, which needs a worker that catches up. True by default. */
  readonly untilReady?: boolean;
  /** Folder of another version of the program, with its `dist`. */
  readonly root?: string;
}

/** Credentials that the program prints on its first start. */
export interface ProgramCredentials {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: { readonly sid: string; readonly secret: string };
}

/** The built service as a child process, with its own port and data directory. */
export class Program extends HttpClient {
  readonly url: string;
  readonly dataDir: string;
  readonly credentials: ProgramCredentials;
  readonly #child: ChildProcess;
  readonly #output: Output;
  readonly #temporary: boolean;

  constructor(started: {
    readonly child: ChildProcess;
    readonly output: Output;
    readonly url: string;
    readonly dataDir: string;
    readonly temporary: boolean;
    readonly credentials: ProgramCredentials;
  }) {
    const { accountSid, authToken } = started.credentials;
    super(started.url, { username: accountSid, password: authToken });
    this.url = started.url;
    this.dataDir = started.dataDir;
    this.credentials = started.credentials;
    this.#child = started.child;
    this.#output = started.output;
    this.#temporary = started.temporary;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the program has ended, by itself or by a signal. */
  get hasEnded(): boolean {
    return hasExited(this.#child);
  }

  /** All output of the program so far. */
  get output(): Readonly<Output> {
    return this.#output;
  }

  /** Stops the program with SIGTERM and returns its exit code. */
  async stop(): Promise<number | null> {
    const code = await this.#end('SIGTERM');
    if (this.#temporary) rmSync(this.dataDir, { recursive: true, force: true });
    return code;
  }

  /** Waits until the program ends by itself, and returns its exit code. */
  async ended(): Promise<number | null> {
    return until(
      'the end of the program',
      () => (hasExited(this.#child) ? { code: this.#child.exitCode } : undefined),
      PATIENCE_MS,
    ).then(({ code }) => code);
  }

  /** Kills the program with SIGKILL. The data directory stays for {@link restart}. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts the program again on the same data. Stops it first if it still runs. */
  async restart(options: Omit<ProgramOptions, 'dataDir'> = {}): Promise<Program> {
    await this.#end('SIGTERM');
    return launch({ ...options, dataDir: this.dataDir }, this.#temporary);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    this.disconnect();
    const child = this.#child;
    if (!hasExited(child)) {
      child.kill(signal);
      await Promise.race([once(child, 'exit'), delay(PATIENCE_MS, undefined, { ref: false })]);
    }
    if (hasExited(child)) return child.exitCode;
    child.kill('SIGKILL');
    throw new Error(`The program did not end after ${signal}:\n${this.#output.stderr}`);
  }
}

/** Starts the built program; run `npm run build` before. */
export function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const temporary = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'reachability-'));
  return launch({ ...options, dataDir }, temporary);
}

interface Output {
  stdout: string;
  stderr: string;
}

async function launch(
  {
    dataDir,
    env = {},
    untilReady = true,
    root = ROOT,
  }: ProgramOptions & { readonly dataDir: string },
  temporary: boolean,
): Promise<Program> {
  const main = join(root, MAIN);
  if (!existsSync(main)) throw new Error(`${main} is missing: build the program first`);
  const settings = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env };
  const child = spawn(NODE, [HEAP, main], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const output: Output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  try {
    const url = await until('the URL', () => announcedUrl(child, output), PATIENCE_MS);
    const credentials = announcedCredentials(output.stdout) ?? storedCredentials(dataDir, settings);
    const program = new Program({ child, output, url, dataDir, temporary, credentials });
    if (untilReady) {
      await until(
        'the program to be ready',
        async () => (await program.get('/health/ready')).status === 200 || undefined,
        PATIENCE_MS,
      );
    }
    return program;
  } catch (error) {
    child.kill('SIGKILL');
    if (!hasExited(child)) await once(child, 'exit');
    if (temporary) rmSync(dataDir, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n${output.stdout}${output.stderr}`, { cause: error });
  }
}

function announcedUrl(child: ChildProcess, { stdout }: Output): string | undefined {
  if (hasExited(child)) throw new Error('The program ended during its start');
  return /^Reachability is listening on (\S+)\n/m.exec(stdout)?.[1];
}

function announcedCredentials(stdout: string): ProgramCredentials | undefined {
  const accountSid = /^\s*ACCOUNT_SID=(\S+)$/m.exec(stdout)?.[1];
  const authToken = /^\s*AUTH_TOKEN=(\S+)$/m.exec(stdout)?.[1];
  const [, sid, secret] = /^\s*API_KEY=([^\s:]+):(\S+)$/m.exec(stdout) ?? [];
  if (accountSid === undefined || authToken === undefined) return undefined;
  if (sid === undefined || secret === undefined) return undefined;
  return { accountSid, authToken, apiKey: { sid, secret } };
}

/** Credentials from the settings or the data directory, for a program that did not print them. */
function storedCredentials(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
): ProgramCredentials {
  const file = join(dataDir, 'credentials.json');
  const stored = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as {
        accountSid: string;
        authToken: string;
        apiKeys: Record<string, string>;
      })
    : { accountSid: '', authToken: '', apiKeys: {} };
  const [storedSid = '', storedSecret = ''] = Object.entries(stored.apiKeys)[0] ?? [];
  const [sid = storedSid, secret = storedSecret] = settings['API_KEYS']?.split(/[:,]/) ?? [];
  return {
    accountSid: settings['ACCOUNT_SID'] ?? stored.accountSid,
    authToken: settings['AUTH_TOKEN'] ?? stored.authToken,
    apiKey: { sid, secret },
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
