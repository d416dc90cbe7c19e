import { setTimeout as delay } from 'node:timers/promises';
import { PLAIN_WS, SERVICE, type SocketContender } from '../peers/sockets.ts';
import { ClientProcess } from '../realtime/load.ts';
import { residentBytes } from '../realtime/server.ts';
import type { Growth, Point } from './curves.ts';

const SIZES = [1_000, 2_000, 4_000, 8_000, 16_000];
const PACE = { perSecond: 1_500, mostWaiting: 500 };
/** Longer than a ping and its answer. */
const IDLE_MS = 11_000;

/** Memory that the idle connections of one process take, against their number. */
export async function connectionsGrowth(): Promise<Growth> {
  return {
    id: 'connections',
    title: 'Memory against connections',
    x: 'idle connections',
    y: 'MB more than without',
    curves: [
      { name: SERVICE.name, points: await pointsOf(SERVICE) },
      { name: PLAIN_WS.name, points: await pointsOf(PLAIN_WS) },
    ],
  };
}

async function pointsOf({ start }: SocketContender): Promise<Point[]> {
  const server = await start();
  const load = new ClientProcess();
  const points: Point[] = [];
  try {
    await delay(IDLE_MS);
    const before = residentBytes(server.pid);
    let open = 0;
    for (const size of SIZES) {
      const { failed } = await load.request({
        do: 'open',
        target: server.target,
        prefix: `to-${size}-`,
        count: size - open,
        ...PACE,
        watched: [],
      });
      if (failed > 0) throw new Error(`${failed} clients failed`);
      open = size;
      await delay(IDLE_MS);
      points.push({ x: size, y: (residentBytes(server.pid) - before) / 2 ** 20 });
    }
    return points;
  } finally {
    await load.stop();
    await server.stop();
  }
}
