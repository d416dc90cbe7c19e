import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DatabaseUnavailableError, openDatabase } from '#postgres';
import type { Certificate } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { until } from './until.ts';

const START_TIMEOUT_MS = 30_000;

/** A running PostgreSQL for one test file. */
export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  /** URL of a database that is made by this call, as superuser. */
  createDatabase(): Promise<string>;
  /** Ends the server at once. The data stays for {@link PostgresServer.start}. */
  kill(): Promise<void>;
  /** Starts the server again on the same port with the same data. */
  start(): Promise<void>;
  /** Stops the server and its children, so that it answers nothing. Connections stay. */
  freeze(): void;
  /** Lets a frozen server continue. */
  thaw(): void;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Password of the superuser. Without it, PostgreSQL trusts everybody. */
  readonly password?: string;
  /** Certificate of the server. Without it, PostgreSQL refuses TLS. */
  readonly certificate?: Certificate;
}

/** Whether PostgreSQL is installed, which {@link startPostgres} needs. */
export function hasPostgres(): boolean {
  return findBinary('initdb') !== undefined;
}

/**
 * Starts a PostgreSQL on a free port of 127.0.0.1, without syncs to disk, and waits until it accepts connections.
 *
 * @throws Error if PostgreSQL is not installed or does not start
 */
export async function startPostgres({
  password,
  certificate,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const data = join(folder, 'data');
  const user = unprivilegedUser();
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const options = { stdio: 'ignore', ...user } as const;
  /** Writes a file that only the server may read. */
  const writeSecret = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (user !== null) chownSync(path, user.uid, user.gid);
    return path;
  };
  const authentication =
    password === undefined
      ? ['-A', 'trust']
      : ['-A', 'scram-sha-256', '--pwfile', writeSecret('password', password)];
  const initdb = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N'];
  execFileSync(postgresBinary('initdb'), [...initdb, ...authentication], options);
  const tls =
    certificate === undefined
      ? []
      : [
          'ssl=on',
          `ssl_cert_file=${writeSecret('server.crt', certificate.cert)}`,
          `ssl_key_file=${writeSecret('server.key', certificate.key)}`,
        ];
  const [port = 0] = await freePorts(1);
  const login = password === undefined ? 'postgres' : `postgres:${password}`;
  const url = (name: string) => `postgres://${login}@127.0.0.1:${port}/${name}`;
  let server: ChildProcess;
  let databases = 0;

  const start = async (): Promise<void> => {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
    settings.push(...tls);
    const args = ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])];
    server = spawn(postgresBinary('postgres'), args, options);
    await until('PostgreSQL', () => accepts(url('postgres')), START_TIMEOUT_MS);
  };
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    // SIGQUIT ends it and its children at once, as a crash does; SIGKILL would leave the children for a while.
    server.kill('SIGQUIT');
    await exited;
  };

  await start();
  return {
    port,
    get pid() {
      return server.pid ?? 0;
    },
    createDatabase: async () => {
      const name = `test_${++databases}`;
      const admin = openDatabase({ url: url('postgres'), name: 'tests' });
      await admin.write(`CREATE DATABASE ${name}`);
      await admin.close();
      return url(name);
    },
    kill,
    start,
    freeze: () => signalTree(server.pid ?? 0, 'SIGSTOP'),
    thaw: () => signalTree(server.pid ?? 0, 'SIGCONT'),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a signal to a process and its children. */
function signalTree(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const child of children === '' ? [] : children.split(' ')) {
    try {
      process.kill(Number(child), signal);
    } catch (error) {
      // It has ended meanwhile.
      // An error of Node itself is of another realm than the test, so it is no `Error` there.
      const code = typeof error === 'object' && error !== null && 'code' in error && error.code;
      if (code !== 'ESRCH') throw error;
    }
  }
}

async function accepts(url: string): Promise<true | undefined> {
  const database = openDatabase({ url, name: 'tests', connectTimeoutMs: 500 });
  try {
    await database.query('SELECT 1');
    return true;
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return undefined;
    throw error;
  } finally {
    await database.close();
  }
}

/** Returns the path of a command of PostgreSQL, such as `pg_dump`. @throws Error if it is not installed */
export function postgresBinary(name: string): string {
  const path = findBinary(name);
  if (path === undefined) throw new Error('PostgreSQL is not installed');
  return path;
}

/** Debian's packages do not put the commands of the server on PATH. */
function findBinary(name: string): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter);
  const packaged = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  return [...onPath, ...packaged]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** PostgreSQL does not run as root. Null if the tests do not either. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
