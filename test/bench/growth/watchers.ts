import { seededRandom } from '../report.ts';
import { Watchers, type FanOut } from '../realtime/fan-out.ts';
import { percentile } from '../realtime/figures.ts';
import { ClientProcess } from '../realtime/load.ts';
import type { SocketContender } from '../peers/sockets.ts';
import { PLAIN_WS, SERVICE } from '../peers/sockets.ts';
import type { Growth, Point } from './curves.ts';

const SIZES = [10, 100, 1_000, 10_000];
const CHANGES = 8;

/** One change until the last watcher has it, against the number of watchers. */
export async function watchersGrowth(): Promise<Growth> {
  return {
    id: 'watchers',
    title: 'One change against its watchers',
    x: 'watchers',
    y: 'ms until the last has it',
    curves: [
      { name: SERVICE.name, points: await pointsOf(SERVICE) },
      { name: PLAIN_WS.name, points: await pointsOf(PLAIN_WS) },
    ],
  };
}

async function pointsOf({ start }: SocketContender): Promise<Point[]> {
  const points: Point[] = [];
  for (const watchers of SIZES) {
    const server = await start();
    const load = new ClientProcess();
    try {
      const scenario = { name: `${watchers}`, subjects: 1, watchers, perSecond: 1, seconds: 1 };
      const options = { prefix: '', connections: watchers, scenarios: [scenario] };
      const opened = await Watchers.open(server, load, options);
      const outcomes: FanOut[] = [];
      for (let change = 0; change < CHANGES; change += 1) {
        outcomes.push(await opened.play(scenario, seededRandom(1)));
      }
      opened.stop();
      points.push({
        x: watchers,
        y: percentile(
          outcomes.map(({ last }) => last),
          0.5,
        ),
      });
    } finally {
      await load.stop();
      await server.stop();
    }
  }
  return points;
}
