import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ClientProcess } from '../../realtime/load.ts';
import { cpuSeconds, residentBytes } from '../../realtime/server.ts';
import { startProgram } from '../../../support/program.ts';
import { now } from '../../realtime/clock.ts';
import { startHttpServer } from '../../http-turns.ts';
import { endProcess } from '../processes.ts';
import { OURS, takeTurns, type Contender, type Row, type Sample, type Series } from '../results.ts';
import {
  missingSocketContenders,
  socketContenders,
  withServers,
  type SocketContender,
} from '../sockets.ts';

const NEST = fileURLToPath(new URL('../programs/nest-guard.ts', import.meta.url));
const CONNECTIONS = 5_000;
const PACE = { perSecond: 1_500, mostWaiting: 500 };
/** Time for the memory to settle. */
const SETTLE_MS = 2_000;
/** Longer than a ping and its answer. */
const IDLE_MS = 11_000;
const MB = 2 ** 20;

/** A start of a server without data. */
interface Start {
  readonly ms: number;
  readonly cpuUs: number;
  readonly bytes: number;
}

/** Time from the start of an empty server until it is ready, and its memory then. */
export async function startRows(rounds: number): Promise<Row[]> {
  const starts = new Map<string, Start[]>();
  const contenders = [
    { name: OURS, start: startOurs },
    ...socketContenders()
      .filter(({ name }) => name !== OURS)
      .map(({ name, start }) => ({ name, start: () => startOf(start) })),
    { name: 'Nest with a Basic guard', start: startNest },
  ].map(({ name, start }): Contender => {
    const measure = async (): Promise<Sample> => {
      const started = await start();
      starts.set(name, [...(starts.get(name) ?? []), started]);
      return { value: started.ms, cpuUs: started.cpuUs };
    };
    return { name, measure };
  });
  const series = await takeTurns(contenders, rounds, false);
  const missing = missingSocketContenders();
  const memory = series.map(({ contender }): Series => ({
    contender,
    samples: (starts.get(contender) ?? []).map(({ bytes }) => ({ value: bytes / MB })),
  }));
  const less = { better: 'less', missing } as const;
  return [
    { id: 'start', title: 'start to ready, empty', unit: 'ms', ...less, series },
    { id: 'base-memory', title: 'memory after the start', unit: 'MB', ...less, series: memory },
  ];
}

/** Resident memory for each idle connection. */
export async function connectionMemoryRow(rounds: number): Promise<Row> {
  const contenders = socketContenders().map((contender): Contender => {
    return { name: contender.name, measure: () => memoryOf(contender) };
  });
  return {
    id: 'connection-memory',
    title: `memory of one of ${CONNECTIONS.toLocaleString('en')} idle connections`,
    unit: 'KB',
    better: 'less',
    series: await takeTurns(contenders, rounds, false),
    missing: missingSocketContenders(),
  };
}

function startOurs(): Promise<Start> {
  return startOf(async () => {
    const program = await startProgram({ env: { LOG_LEVEL: 'error' } });
    return { pid: program.pid ?? 0, stop: () => program.stop() };
  });
}

async function startOf(
  start: () => Promise<{ readonly pid: number; stop(): Promise<unknown> }>,
): Promise<Start> {
  const began = now();
  const server = await start();
  const ms = now() - began;
  const cpuUs = cpuSeconds(server.pid) * 1e6;
  try {
    await delay(SETTLE_MS);
    return { ms, cpuUs, bytes: residentBytes(server.pid) };
  } finally {
    await server.stop();
  }
}

async function startNest(): Promise<Start> {
  const began = now();
  const { child } = await startHttpServer(NEST, '/users/:user', '{}', 'user:password');
  const ms = now() - began;
  const pid = child.pid ?? 0;
  const cpuUs = cpuSeconds(pid) * 1e6;
  try {
    await delay(SETTLE_MS);
    return { ms, cpuUs, bytes: residentBytes(pid) };
  } finally {
    await endProcess(child);
  }
}

function memoryOf(contender: SocketContender): Promise<Sample> {
  return withServers([contender], async ([server]) => {
    if (server === undefined) throw new Error('The server did not start');
    const load = new ClientProcess();
    try {
      const { pid, target } = server;
      await delay(SETTLE_MS);
      const before = residentBytes(pid);
      const request = { target, prefix: 'client-', count: CONNECTIONS, ...PACE, watched: [] };
      const { ready, failed } = await load.request({ do: 'open', ...request });
      if (failed > 0) throw new Error(`${failed} clients failed`);
      await delay(IDLE_MS);
      return { value: (residentBytes(pid) - before) / ready / 1_024 };
    } finally {
      await load.stop();
    }
  });
}
