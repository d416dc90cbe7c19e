import { setTimeout as delay } from 'node:timers/promises';
import { clientsOf, type Gateway } from './gateways.ts';
import { residentBytes, startService } from './server.ts';

const PACE = { perSecond: 2_000, mostWaiting: 1_000 };
/** What grows with the first connections alone is not what a connection takes. */
const IDLE = { first: 2_000, more: 6_000 };
/** Longer than half a ping's interval, in which every new connection is pinged for the first time. */
const IDLE_MS = 6_000;

/** Resident memory of a server of its own for each idle connection on a gateway, in bytes. */
export async function idleBytes(gateway: Gateway): Promise<number> {
  const server = await startService();
  const clients = clientsOf(gateway);
  const open = async (count: number, prefix: string): Promise<number> => {
    const opened = await clients.ask({
      do: 'open',
      target: server.target,
      prefix,
      count,
      ...PACE,
      watched: [],
    });
    return opened.ready;
  };
  try {
    await open(IDLE.first, 'first-');
    await delay(IDLE_MS / 2);
    const before = residentBytes(server.pid);
    const ready = await open(IDLE.more, 'more-');
    await delay(IDLE_MS);
    return (residentBytes(server.pid) - before) / ready;
  } finally {
    await clients.stop();
    await server.stop();
  }
}
