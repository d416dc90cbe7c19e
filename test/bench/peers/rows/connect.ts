import { setTimeout as delay } from 'node:timers/promises';
import { ClientProcess } from '../../realtime/load.ts';
import { cpuSeconds, type Server } from '../../realtime/server.ts';
import { takeTurns, type Contender, type Row, type Sample } from '../results.ts';
import { missingSocketContenders, socketContenders, withServers } from '../sockets.ts';

const CLIENTS = 2_000;
/** As fast as the server accepts, with as many waiting as keep it busy. */
const PACE = { perSecond: 50_000, mostWaiting: 200 };
/** Time for a server to take note of the clients that left. */
const SETTLE_MS = 1_500;

/** Clients that connect as fast as they are let in. For the service, each is authenticated and its Connection is durable before it is ready. */
export function connectRow(rounds: number): Promise<Row> {
  const contenders = socketContenders();
  return withServers(contenders, async (servers) => {
    const named = servers.map((server, index): Contender => {
      let turn = 0;
      const name = contenders[index]?.name ?? server.name;
      return { name, measure: () => connectAll(server, `turn-${turn++}-`) };
    });
    return {
      id: 'connect',
      title: 'connects, durable before ready',
      unit: 'clients/s',
      better: 'more',
      series: await takeTurns(named, rounds),
      missing: missingSocketContenders(),
    };
  });
}

async function connectAll({ pid, target }: Server, prefix: string): Promise<Sample> {
  const load = new ClientProcess();
  try {
    await load.request({ do: 'collect' });
    const before = cpuSeconds(pid);
    const request = { do: 'open', target, prefix, count: CLIENTS, ...PACE, watched: [] } as const;
    const { ready, failed, startedAt, lastReadyAt, closes } = await load.request(request);
    if (failed > 0) throw new Error(`${failed} clients failed: ${JSON.stringify(closes)}`);
    const used = cpuSeconds(pid) - before;
    return {
      value: ready / ((lastReadyAt - startedAt) / 1_000),
      cpuUs: (used / ready) * 1e6,
    };
  } finally {
    await load.stop();
    await delay(SETTLE_MS);
  }
}
