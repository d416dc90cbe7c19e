import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startProgram, type Program } from '../../support/program.ts';
import { createService } from '../../support/services.ts';
import type { Target, Wire } from './load-protocol.ts';

const PLAIN = fileURLToPath(new URL('plain-ws.ts', import.meta.url));

/** A server under load: the service, or the baseline. */
export interface Server {
  readonly name: string;
  readonly target: Target;
  readonly pid: number;
  /** The process that keeps the read model, if it is another one. */
  readonly workerPid?: number;
  /** Null for the baseline. */
  readonly program: Program | null;
  stop(): Promise<void>;
}

/** Raised limits: the load comes from a few addresses. */
const WIDE_LIMITS: Readonly<Record<string, string>> = {
  HANDSHAKES_PER_SECOND: '100000',
  HANDSHAKE_BURST: '100000',
  CONNECTIONS_PER_ADDRESS: '100000',
  CONNECT_BURST_PER_USER: '100000',
  WRITE_BURST_PER_USER: '100000',
  LOOKUP_BURST_PER_USER: '1000000',
  WATCHED_USERS_PER_USER: '1000000',
  LOG_LEVEL: 'error',
};

export interface ServiceOptions {
  readonly graceSeconds?: number;
  readonly dataDir?: string;
  /** Keeps the read model in a separate process: roles `api` and `worker`. */
  readonly apart?: boolean;
}

/** The service as a process, with one Service in it. */
export interface ServiceServer extends Server {
  readonly program: Program;
  readonly serviceSid: string;
}

/** Two processes that share a data directory. */
export interface Nodes {
  readonly one: ServiceServer;
  readonly other: ServiceServer;
  stop(): Promise<void>;
}

/** Starts the built service with one Service, with reachability enabled. */
export async function startService(options: ServiceOptions = {}): Promise<ServiceServer> {
  const { graceSeconds = 5, dataDir, apart = false } = options;
  const program = await startProgram({
    env: apart ? { ...WIDE_LIMITS, ROLE: 'api' } : WIDE_LIMITS,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const worker = apart
    ? await startProgram({ env: { ...WIDE_LIMITS, ROLE: 'worker' }, dataDir: program.dataDir })
    : null;
  const server = asServer(program, await createService(program, graceSeconds));
  const stop = async (): Promise<void> => {
    await worker?.stop();
    await server.stop();
  };
  const beside = worker?.pid === undefined ? {} : { workerPid: worker.pid };
  return { ...server, ...beside, stop };
}

/** Starts the service as two processes. */
export async function startNodes(options: ServiceOptions = {}): Promise<Nodes> {
  const one = await startService(options);
  const program = await startProgram({ env: WIDE_LIMITS, dataDir: one.program.dataDir });
  const other = asServer(program, one.serviceSid);
  const stop = async (): Promise<void> => {
    // Stop this one last: it removes the shared data directory.
    await other.stop();
    await one.stop();
  };
  return { one, other, stop };
}

function asServer(program: Program, serviceSid: string): ServiceServer {
  return {
    serviceSid,
    name: 'reachability',
    target: {
      port: Number(new URL(program.url).port),
      access: { credentials: program.credentials, serviceSid },
    },
    pid: program.pid ?? 0,
    program,
    stop: async () => {
      await program.stop();
    },
  };
}

/** Starts the plain `ws` server. */
export function startPlain(): Promise<Server> {
  return startScript('plain ws', PLAIN);
}

/** Starts a server that tells its port by a message, and takes a name as token. */
export async function startScript(name: string, file: string, wire?: Wire): Promise<Server> {
  const child = fork(file, { execArgv: ['--conditions=source'] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    name,
    target: { port, access: null, ...(wire === undefined ? {} : { wire }) },
    pid: child.pid ?? 0,
    program: null,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Creates Users and returns their sids; for the baseline a name is a sid. */
export async function makeUsers(server: Server, names: readonly string[]): Promise<string[]> {
  const { program, target } = server;
  if (program === null || target.access === null) return [...names];
  const path = `/v2/Services/${target.access.serviceSid}/Users`;
  const made = names.map((name) => program.post(path, { Identity: name }));
  return (await Promise.all(made)).map(({ sid }) => sid);
}

/**
 * 99th percentile of the server's event loop delay since the last call, in milliseconds. The sampling interval of 10 ms
 * is part of it. NaN for a broker, which has no event loop of Node.
 */
export async function eventLoopDelay({ target }: Pick<Server, 'target'>): Promise<number> {
  if (target.wire === 'mqtt') return Number.NaN;
  const text = await (await fetch(`http://127.0.0.1:${target.port}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]) * 1_000;
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** CPU time of a process so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
