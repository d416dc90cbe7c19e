import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from './http-client.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NODE = join(ROOT, 'node_modules/.bin/node');
const MAIN = join(ROOT, 'dist/apps/api/src/main.js');
/** As `npm start` and the image set it. */
const HEAP = '--max-semi-space-size=8';

/** Longest that a start or an orderly end may take, in milliseconds. */
const PATIENCE_MS = 20_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ProgramOptions {
  /** Settings on top of: a free port of 127.0.0.1, the data directory, warnings only. */
  readonly env?: Readonly<Record<string, string>>;
  /** Kept when the program stops; by default a temporary one, which is removed. */
  readonly dataDir?: string;
  /** Whether to wait for /health/ready, which never comes without a worker that catches up. True by default. */
  readonly untilReady?: boolean;
}

/** What the program prints on its first start. */
export interface ProgramCredentials {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: { readonly sid: string; readonly secret: string };
}

/** The built service as a process of its own, on a free port and a data directory of its own. */
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

  /** Everything that the program has printed so far. */
  get output(): Readonly<Output> {
    return this.#output;
  }

  /** Asks the program to end and waits until it has; answers its exit code. */
  async stop(): Promise<number | null> {
    const code = await this.#end('SIGTERM');
    if (this.#temporary) rmSync(this.dataDir, { recursive: true, force: true });
    return code;
  }

  /** Ends the program at once, as a crash would. The data directory stays for {@link restart}. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Starts it anew on the same data, ending it in good order before where it still runs. */
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
    throw new Error(`The program did not end at ${signal}:\n${this.#output.stderr}`);
  }
}

/** Starts the built program; `npm run build` makes what it runs. */
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
  { dataDir, env = {}, untilReady = true }: ProgramOptions & { readonly dataDir: string },
  temporary: boolean,
): Promise<Program> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build the program first`);
  const settings = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env };
  const child = spawn(NODE, [HEAP, MAIN], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const output: Output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  try {
    const url = await until(() => announcedUrl(child, output));
    const credentials = announcedCredentials(output.stdout) ?? storedCredentials(dataDir, settings);
    const program = new Program({ child, output, url, dataDir, temporary, credentials });
    if (untilReady) {
      await until(async () => (await program.get('/health/ready')).status === 200 || undefined);
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

async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('The program took too long to start');
    await delay(10);
  }
}

function announcedUrl(child: ChildProcess, { stdout }: Output): string | undefined {
  if (hasExited(child)) throw new Error('The program ended instead of starting');
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

/** Credentials of a program that did not print them, because they are not new or were given to it. */
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
