import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';

const START_TIMEOUT_MS = 90_000;
const POLL_MS = 50;

/** Prints the server's process id, and kills the server when stdin ends, so also when the tests are killed. */
const SUPERVISOR = '"$0" "$@" >/dev/null & server=$!; echo $server; read -r _; kill -9 $server';

/** A running EventStoreDB for one test file. */
export interface EventStoreDbServer {
  /** Connection string. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills the process; data that it holds in memory is lost. Close clients first. */
  readonly stop: () => Promise<void>;
}

/** Whether there is an `eventstored` on PATH, which {@link startEventStoreDb} needs. */
export function hasEventStoreDb(): boolean {
  return executable() !== undefined;
}

export interface EventStoreDbServerOptions {
  /** Folder for its data; in memory by default. */
  readonly folder?: string;
  /** A free port by default. */
  readonly port?: number;
}

/**
 * Starts an EventStoreDB on free ports of 127.0.0.1 and waits until it accepts requests.
 *
 * @throws Error if there is no `eventstored` on PATH, or it does not start within 90 s
 */
export async function startEventStoreDb(
  options: EventStoreDbServerOptions = {},
): Promise<EventStoreDbServer> {
  const [freePort = 0, replicationPort = 0] = await freePorts(2);
  const { folder, port = freePort } = options;
  const { pid, stop } = await runEventStoreDb([
    ...['--insecure', '--disable-log-file'],
    ...(folder === undefined ? ['--mem-db'] : ['--db', folder]),
    ...['--node-port', String(port), '--replication-port', String(replicationPort)],
  ]);
  if (!(await isLive(port))) {
    await stop();
    throw new Error('eventstored did not start');
  }
  return { url: `esdb://127.0.0.1:${port}?tls=false`, port, pid, stop };
}

/** A process of EventStoreDB, which need not accept requests yet. */
export interface EventStoreDbProcess {
  readonly pid: number;
  /** Kills the process. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs EventStoreDB with these options, as arguments or as variables EVENTSTORE_*.
 *
 * @throws Error if there is no `eventstored` on PATH
 */
export async function runEventStoreDb(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<EventStoreDbProcess> {
  const path = executable();
  if (path === undefined) throw new Error('There is no eventstored on PATH');
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, path, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...serverEnvironment(), ...environment },
  });
  const exited = once(child, 'exit');
  const pid = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
  });
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  return { pid: Number(pid), stop };
}

/** The environment without EVENTSTORE_*: the server reads those as options and rejects unknown ones. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('EVENTSTORE'));
  return Object.fromEntries(entries);
}

function executable(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => join(folder, 'eventstored'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

async function isLive(port: number): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const status = await fetch(`http://127.0.0.1:${port}/health/live`).then(
      (response) => response.status,
      () => null,
    );
    if (status === 204) return true;
    await delay(POLL_MS);
  }
  return false;
}
