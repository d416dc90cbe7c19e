/**
 * Stops a node with 3,000 clients while another node shares its event store. Measures how long that takes, how the
 * reconnects of its clients spread over time, and whether a client that reconnects in time is ever shown offline.
 * Run: `npm run bench -- realtime-drain [clients]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { userSid } from '#domain';
import { printMachine, seededRandom } from './report.ts';
import { SocketEndCounter } from './realtime/attempts.ts';
import { now, spread } from './realtime/clock.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import { LightClient, tokenOf } from './realtime/light-client.ts';
import { eventLoopDelay, startNodes, type Server } from './realtime/server.ts';
import { readFrame } from './realtime/stream-frame.ts';
import { StreamObserver } from './realtime/stream-observer.ts';

const CLIENTS = Number(process.argv[2] ?? 3_000);
const PER_SECOND = 500;
const DRAINED_MS = 10_000;
const BACK_MS = 5_000;
/** Longer than the grace period of the remaining clients plus a second. */
const AFTERWARDS_MS = 7_000;

const movedAt: number[] = [];
const backAt: number[] = [];
const socketEnds = new SocketEndCounter();

/** Connects a client and settles once it is ready. On a `move` frame the client reconnects to `next`. */
function connectClient(server: Server, identity: string, next: Server | null): Promise<void> {
  const { target } = server;
  return new Promise((resolve) => {
    new LightClient(target, `token=${tokenOf(target, identity)}`, {
      message: (text) => {
        const frame = readFrame(text);
        if (frame.type === 'ready') resolve();
        if (frame.type !== 'move' || next === null) return;
        movedAt.push(now());
        void delay(frame.reconnectInMs)
          .then(() => connectClient(next, identity, null))
          .then(() => backAt.push(now()));
      },
      closed: (why) => socketEnds.add(why),
    });
  });
}

printMachine(0);
const dataDir = mkdtempSync(join(tmpdir(), 'reachability-'));
const nodes = await startNodes({ dataDir });
const { one, other } = nodes;
try {
  const names = Array.from({ length: CLIENTS }, (_, index) => `moving-${index}`);
  const ready: Promise<void>[] = [];
  const pace = { withinMs: (CLIENTS / PER_SECOND) * 1_000, random: seededRandom(0) };
  await spread(CLIENTS, pace, (index) => {
    ready.push(connectClient(one, names[index] ?? '', other));
  });
  await Promise.all(ready);
  const sids = names.map((name) => userSid(one.serviceSid, name));
  const observer = await StreamObserver.watch(other, 'observer', sids);
  observer.reset();
  await Promise.all([eventLoopDelay(one), eventLoopDelay(other)]);
  const askedAt = now();
  const exitCode = await one.program.stop();
  const stoppedAt = now();
  await delay(AFTERWARDS_MS);
  const [firstMoved, lastMoved] = [percentile(movedAt, 0), percentile(movedAt, 1)];
  console.log(
    `asked to stop: ${movedAt.length} told to move from ${ms(firstMoved - askedAt)} to ${ms(lastMoved - askedAt)}; ` +
      `closed ${JSON.stringify(socketEnds.counts)}; exit code ${exitCode}; ` +
      `event loop p99 of the other ${ms(await eventLoopDelay(other))}`,
  );
  const stopMs = stoppedAt - askedAt;
  printFigure(
    `a node with ${CLIENTS} clients stops`,
    ms(stopMs),
    ms(DRAINED_MS),
    stopMs <= DRAINED_MS && exitCode === 0,
  );
  const back = percentile(backAt, 1) - lastMoved;
  printFigure(
    '... its clients are back on another',
    `${backAt.length}, the last ${ms(back)} after it was told`,
    ms(BACK_MS),
    backAt.length === CLIENTS && back <= BACK_MS,
  );
  const offline = sids.filter((sid) => observer.offlineAt(sid) !== undefined).length;
  printFigure('... who return within grace: offline events', String(offline), '0', offline === 0);
  observer.stop();
} finally {
  await nodes.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
