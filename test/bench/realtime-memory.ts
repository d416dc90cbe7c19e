/**
 * Resident memory of the server for each idle, authenticated connection, without a watch-list and with 50 watched
 * Users, beside plain `ws`: 18,000 connections on one process, from two processes of clients. What the kernel keeps
 * for a socket is not part of it. Run: `npm run bench -- realtime-memory`; or
 * `node --conditions=source test/bench/realtime-memory.ts [connections] [0|50 ...]` with a program that is built.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { printMachine } from './report.ts';
import { printFigure } from './realtime/figures.ts';
import { Load } from './realtime/load.ts';
import {
  eventLoopDelay,
  makeUsers,
  processorSeconds,
  residentBytes,
  startPlain,
  startService,
  type Server,
} from './realtime/server.ts';

const [connections = '18000', ...wanted] = process.argv.slice(2);
/** A process may have 20,000 open files on many machines. */
const CONNECTIONS = Number(connections);
const OPENED_PER_SECOND = 1_500;
/** Of each process: both together stay below the listen queue, which holds 4,096. */
const MOST_WAITING = 500;
const WATCHED = 1_000;
/** Longer than a ping and its answer, so that every connection has been idle for a whole round. */
const IDLE_MS = 20_000;

interface Outcome {
  readonly connections: number;
  readonly bytes: number;
  readonly loopDelay: number;
  readonly cores: number;
}

async function measure(start: () => Promise<Server>, each: number): Promise<Outcome> {
  const server = await start();
  const loads = [new Load(), new Load()];
  try {
    const names = Array.from(
      { length: each === 0 ? 0 : WATCHED },
      (_, index) => `subject-${index}`,
    );
    const users = await makeUsers(server, names);
    const before = await settledBytes(server.pid);
    const opened = await Promise.all(
      loads.map((load, index) =>
        load.ask({
          do: 'open',
          target: server.target,
          prefix: `client-${index}-`,
          count: CONNECTIONS / loads.length,
          perSecond: OPENED_PER_SECOND / loads.length,
          mostWaiting: MOST_WAITING,
          watched: each === 0 ? [] : [{ users, each }],
        }),
      ),
    );
    const connections = opened.reduce((sum, { ready }) => sum + ready, 0);
    for (const { failed, closes } of opened) {
      if (failed > 0) console.log(`${failed} failed, closed ${JSON.stringify(closes)}`);
    }
    await eventLoopDelay(server);
    const processor = processorSeconds(server.pid);
    await delay(IDLE_MS);
    const cores = (processorSeconds(server.pid) - processor) / (IDLE_MS / 1_000);
    const bytes = (residentBytes(server.pid) - before) / connections;
    const outcome = { connections, bytes, loopDelay: await eventLoopDelay(server), cores };
    print(`${server.name}, ${each} watched`, outcome);
    return outcome;
  } finally {
    for (const load of loads) await load.stop();
    await server.stop();
  }
}

/** What a process takes once its start is over. */
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
