/**
 * Measures handshakes, compared with plain `ws`: each client is authenticated, and its ConnectionOpened is durable before
 * the ready frame. First 1,000 a second regardless of how many wait, and as fast as the server accepts them. Then 10,000
 * clients lose their sockets at once and reconnect with the back-off of the protocol, once by resuming and once as new
 * Connections. Run: `npm run bench -- realtime-handshakes`. With the argument `apart`, a separate process keeps the read
 * model (roles `api` and `worker`); with `come`, the reconnects are left out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { printMachine } from './report.ts';
import { now } from './realtime/clock.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import type { DropRequest, Opened, OpenRequest } from './realtime/load-protocol.ts';
import { ClientProcess } from './realtime/load.ts';
import {
  eventLoopDelay,
  cpuSeconds,
  startPlain,
  startService,
  type Server,
} from './realtime/server.ts';

const CLIENTS = 10_000;
const PER_SECOND = 1_000;
/** More than any server accepts. Waiting clients fit in the listen queue, which holds 4,096. */
const FAST = { perSecond: 20_000, mostWaiting: 1_000 };
/** Longer than the grace period, so that lost Connections are closed in the log. */
const AFTERWARDS_MS = 8_000;

const options = process.argv.slice(2);
const [apart, comeOnly] = [options.includes('apart'), options.includes('come')];

interface Outcome {
  readonly opened: Opened;
  readonly fast: Opened;
  readonly returned: { readonly resumed: Opened; readonly anew: Opened } | null;
}

/** Runs a request of the clients and prints its result. */
async function play(
  server: Server,
  load: ClientProcess,
  what: string,
  request: OpenRequest | DropRequest,
): Promise<Opened> {
  const used = (): number[] =>
    [server.pid, server.workerPid, load.pid].map((pid) =>
      pid === undefined ? 0 : cpuSeconds(pid),
    );
  await eventLoopDelay(server);
  const [startedAt, before] = [now(), used()];
  const opened = await load.request(request);
  const [took, after] = [(now() - startedAt) / 1_000, used()];
  const [serving = 0, working = 0, loading = 0] = after.map(
    (seconds, index) => seconds - (before[index] ?? 0),
  );
  const { ready, failed, resumed, latencies, closes } = opened;
  const each = (seconds: number): string => `${((seconds / ready) * 1_000).toFixed(2)} ms`;
  console.log(
    `${server.name.padEnd(14)}${what.padEnd(12)}${ready} ready (${resumed} resumed), ${failed} not, all within ` +
      `${secondsOf(opened).toFixed(1)} s, ${rateOf(opened)}/s  p50 ${ms(percentile(latencies, 0.5))}  ` +
      `p99 ${ms(p99Of(opened))}  event loop p99 ${ms(await eventLoopDelay(server))}  ` +
      `processor each ${each(serving)}${working === 0 ? '' : ` and its worker ${each(working)}`}, ` +
      `clients ${(loading / took).toFixed(2)} cores  closed ${JSON.stringify(closes)}`,
  );
  return opened;
}

async function measure(start: () => Promise<Server>): Promise<Outcome> {
  const returned = await withLoad(start, async (server, load) => {
    const { target } = server;
    const request = openRequest(server, { perSecond: PER_SECOND });
    const opened = await play(server, load, 'come', request);
    if (comeOnly) return { opened, returned: null };
    const again = { do: 'drop', returning: 1, awayMs: 0, target } as const;
    await delay(AFTERWARDS_MS);
    const resumed = await play(server, load, 'resume', { ...again, resume: true });
    await delay(AFTERWARDS_MS);
    const anew = await play(server, load, 'come anew', { ...again, resume: false });
    return { opened, returned: { resumed, anew } };
  });
  const fast = await withLoad(start, (server, load) =>
    play(server, load, 'come fast', openRequest(server, FAST)),
  );
  return { ...returned, fast };
}

function openRequest(
  { target }: Server,
  pace: Pick<OpenRequest, 'perSecond' | 'mostWaiting'>,
): OpenRequest {
  return { do: 'open', target, prefix: 'client-', count: CLIENTS, watched: [], ...pace };
}

async function withLoad<Result>(
  start: () => Promise<Server>,
  use: (server: Server, load: ClientProcess) => Promise<Result>,
): Promise<Result> {
  const server = await start();
  const load = new ClientProcess();
  try {
    return await use(server, load);
  } finally {
    await load.stop();
    await server.stop();
  }
}

function secondsOf({ startedAt, lastReadyAt }: Opened): number {
  return (lastReadyAt - startedAt) / 1_000;
}

function rateOf(opened: Opened): number {
  return Math.round(opened.ready / secondsOf(opened));
}

function p99Of({ latencies }: Opened): number {
  return percentile(latencies, 0.99);
}

printMachine(0);
const plain = await measure(startPlain);
const ours = await measure(() => startService({ apart }));
printFigure(
  'durable handshakes, 1,000/s asked for',
  `${rateOf(ours.opened)}/s, p99 ${ms(p99Of(ours.opened))} (${(p99Of(ours.opened) / p99Of(plain.opened)).toFixed(1)} x plain ws)`,
  '1,000/s',
  rateOf(ours.opened) >= PER_SECOND * 0.97 && ours.opened.failed === 0,
);
printFigure(
  '... as fast as they are let in',
  `${rateOf(ours.fast)}/s (${(rateOf(ours.fast) / rateOf(plain.fast)).toFixed(2)} x plain ws)`,
  '1,000/s',
  rateOf(ours.fast) >= PER_SECOND && ours.fast.failed === 0,
);
if (ours.returned !== null && plain.returned !== null) {
  for (const [what, opened, baseline] of [
    ['resuming', ours.returned.resumed, plain.returned.resumed],
    ['as new Connections', ours.returned.anew, plain.returned.anew],
  ] as const) {
    printFigure(
      `10,000 dropped at once, all back, ${what}`,
      `${secondsOf(opened).toFixed(1)} s (${(secondsOf(opened) / secondsOf(baseline)).toFixed(1)} x plain ws)`,
      '20 s',
      opened.failed === 0 && secondsOf(opened) <= 20,
    );
  }
}
