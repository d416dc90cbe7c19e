/**
 * Measures the server's resident memory for each idle, authenticated connection, without a watch-list and with 50
 * watched Users, compared with plain `ws`: 18,000 connections to one process, from two client processes. Socket buffers
 * of the kernel are not included. Run: `npm run bench -- realtime-memory`; or, after a build,
 * `node --conditions=source test/bench/realtime-memory.ts [connections] [0|50 ...]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { printMachine } from './report.ts';
import { printFigure } from './realtime/figures.ts';
import { ClientProcess } from './realtime/load.ts';
import {
  eventLoopDelay,
  makeUsers,
  cpuSeconds,
  residentBytes,
  startPlain,
  startService,
  type Server,
} from './realtime/server.ts';

const [connections = '18000', ...wanted] = process.argv.slice(2);
/** Many machines allow 20,000 open files a process. */
const CONNECTIONS = Number(connections);
const OPENED_PER_SECOND = 1_500;
/** For each client process; both together stay below the listen queue, which holds 4,096. */
const MAX_WAITING = 500;
const WATCHED = 1_000;
/** Longer than a ping and its answer, so that every connection is idle for a whole round. */
const IDLE_MS = 20_000;

interface Outcome {
  readonly connections: number;
  readonly bytes: number;
  readonly loopDelay: number;
  readonly cores: number;
}

async function measure(start: () => Promise<Server>, each: number): Promise<Outcome> {
  const server = await start();
  const loads = [new ClientProcess(), new ClientProcess()];
  try {
    const names = Array.from(
      { length: each === 0 ? 0 : WATCHED },
      (_, index) => `subject-${index}`,
    );
    const users = await makeUsers(server, names);
    const before = await settledBytes(server.pid);
    const opened = await Promise.all(
      loads.map((load, index) =>
        load.request({
          do: 'open',
          target: server.target,
          prefix: `client-${index}-`,
          count: CONNECTIONS / loads.length,
          perSecond: OPENED_PER_SECOND / loads.length,
          mostWaiting: MAX_WAITING,
          watched: each === 0 ? [] : [{ users, each }],
        }),
      ),
    );
    const connections = opened.reduce((sum, { ready }) => sum + ready, 0);
    for (const { failed, closes } of opened) {
      if (failed > 0) console.log(`${failed} failed, closed ${JSON.stringify(closes)}`);
    }
    await eventLoopDelay(server);
    const processor = cpuSeconds(server.pid);
    await delay(IDLE_MS);
    const cores = (cpuSeconds(server.pid) - processor) / (IDLE_MS / 1_000);
    const bytes = (residentBytes(server.pid) - before) / connections;
    const outcome = { connections, bytes, loopDelay: await eventLoopDelay(server), cores };
    print(`${server.name}, ${each} watched`, outcome);
    return outcome;
  } finally {
    for (const load of loads) await load.stop();
    await server.stop();
  }
}

/** Resident memory of a process after its start. */
async function settledBytes(pid: number): Promise<number> {
  await delay(3_000);
  return residentBytes(pid);
}

function print(name: string, { connections, bytes, loopDelay, cores }: Outcome): void {
  console.log(
    `${name.padEnd(28)}${connections} connections  ${(bytes / 1_024).toFixed(1)} KB each  ` +
      `event loop p99 ${loopDelay.toFixed(0)} ms  ${cores.toFixed(2)} cores idle`,
  );
}

printMachine(0);
for (const { each, aim } of [
  { each: 0, aim: 12 },
  { each: 50, aim: 20 },
]) {
  if (wanted.length > 0 && !wanted.includes(String(each))) continue;
  const plain = await measure(startPlain, each);
  const ours = await measure(startService, each);
  printFigure(
    `resident memory of an idle connection, ${each} watched`,
    `${(ours.bytes / 1_024).toFixed(1)} KB (${(ours.bytes / plain.bytes).toFixed(2)} x plain ws)`,
    `${aim} KB`,
    ours.bytes <= aim * 1_024,
  );
  printFigure(
    'connections in one process',
    String(ours.connections),
    String(CONNECTIONS),
    ours.connections === CONNECTIONS,
  );
}
