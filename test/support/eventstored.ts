import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Says the server's process id and kills it when its own input ends, as it also does when the tests are killed. */
const KEEPER = '"$0" "$@" >/dev/null & server=$!; echo $server; read -r _; kill -9 $server';

/** A running EventStoreDB that nobody else uses. */
export interface EventStoreDbServer {
  /** Connection string. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills the process; what it held in memory is gone. Close clients first. */
  readonly stop: () => Promise<void>;
}

/** Whether {@link startEventStoreDb} can work here. */
export function hasEventStoreDb(): boolean {
  return executable() !== undefined;
}

export interface EventStoreDbServerOptions {
  /** Keeps its data in this folder; in memory by default. */
  readonly folder?: string;
  /** A free one by default. */
  readonly port?: number;
}

/**
 * Starts an EventStoreDB on free ports of 127.0.0.1 and waits until it takes requests.
 *
 * @throws Error when there is no `eventstored` on PATH, or it does not come up within 30 s
 */
export async function startEventStoreDb(
  options: EventStoreDbServerOptions = {},
): Promise<EventStoreDbServer> {
  const path = executable();
  if (path === undefined) throw new Error('There is no eventstored on PATH');
  const [freePort, replicationPort] = await freePorts();
  const { folder, port = freePort } = options;
  const child = spawn(
    '/bin/sh',
    [
      ...['-c', KEEPER, path, '--insecure', '--disable-log-file'],
      ...(folder === undefined ? ['--mem-db'] : ['--db', folder]),
      ...['--node-port', String(port), '--replication-port', String(replicationPort)],
    ],
    { stdio: ['pipe', 'pipe', 'ignore'], env: serverEnvironment() },
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  const pid = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
  });
  if (!(await isLive(port))) {
    await stop();
    throw new Error(`${path} did not come up`);
  }
  return { url: `esdb://127.0.0.1:${port}?tls=false`, port, pid: Number(pid), stop };
}

/** The server takes every EVENTSTORE_* variable for an option and refuses to start on one that it does not know. */
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

/** Two free ports, held at the same time so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const [first, second] = servers;
  const ports = [await listen(first), await listen(second)] satisfies [number, number];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}
