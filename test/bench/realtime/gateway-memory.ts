import { setTimeout as delay } from 'node:timers/promises';
import { startClients, type Gateway } from './gateways.ts';
import { residentBytes, startService } from './server.ts';

const PACE = { perSecond: 2_000, mostWaiting: 1_000 };
/** The first connections also grow shared memory, so only the growth after them is measured. */
const IDLE = { first: 2_000, more: 6_000 };
/** Longer than half a ping interval, within which every new connection gets its first ping. */
const IDLE_MS = 6_000;

/** Resident memory of a new server for each idle connection on a gateway, in bytes. */
export async function idleBytes(gateway: Gateway): Promise<number> {
  const server = await startService();
  const clients = startClients(gateway);
  const open = async (count: number, prefix: string): Promise<number> => {
    const opened = await clients.request({
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
