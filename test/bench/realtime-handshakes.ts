/**
 * Clients that come: 1,000 a second, each authenticated and its ConnectionOpened durable before it is told that it
 * is ready, beside plain `ws`; then 10,000 clients that lose their sockets at once and come back with the waits of
 * the protocol, once resuming and once as new Connections. Run: `npm run bench -- realtime-handshakes`;
 * with the argument `apart`, the read model is kept by a process of its own, as roles `api` and `worker`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { printMachine } from './report.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import type { Opened } from './realtime/load-protocol.ts';
import { Load } from './realtime/load.ts';
import { eventLoopDelay, startPlain, startService, type Server } from './realtime/server.ts';

const CLIENTS = 10_000;
const PER_SECOND = 1_000;
/** Longer than the grace, so that what was lost is closed in the log. */
const AFTERWARDS_MS = 8_000;

interface Outcome {
  readonly opened: Opened;
  readonly resumed: Opened;
  readonly anew: Opened;
}

function print(name: string, what: string, opened: Opened, loopDelay: number): void {
  const { ready, failed, resumed, latencies, startedAt, lastReadyAt, closes } = opened;
  console.log(
    `${name.padEnd(14)}${what.padEnd(12)}${ready} ready (${resumed} resumed), ${failed} not, all within ` +
      `${((lastReadyAt - startedAt) / 1_000).toFixed(1)} s  p50 ${ms(percentile(latencies, 0.5))}  ` +
      `p99 ${ms(percentile(latencies, 0.99))}  event loop p99 ${ms(loopDelay)}  ` +
      `closed ${JSON.stringify(closes)}`,
  );
}

async function measure(start: () => Promise<Server>): Promise<Outcome> {
  const server = await start();
  const { name, target } = server;
  const load = new Load();
  const again = { do: 'drop', returning: 1, awayMs: 0, target } as const;
  try {
    await eventLoopDelay(server);
    const opened = await load.ask({
      do: 'open',
      target,
      prefix: 'client-',
      count: CLIENTS,
      perSecond: PER_SECOND,
      localAddress: '127.0.0.2',
      watched: [],
    });
    print(name, 'come', opened, await eventLoopDelay(server));
    await delay(AFTERWARDS_MS);
    const resumed = await load.ask({ ...again, resume: true });
    print(name, 'resume', resumed, await eventLoopDelay(server));
    await delay(AFTERWARDS_MS);
    const anew = await load.ask({ ...again, resume: false });
    print(name, 'come anew', anew, await eventLoopDelay(server));
    return { opened, resumed, anew };
  } finally {
    await load.stop();
    await server.stop();
  }
}

printMachine(0);
const plain = await measure(startPlain);
const ours = await measure(() => startService({ apart: process.argv[2] === 'apart' }));

const seconds = ({ startedAt, lastReadyAt }: Opened) => (lastReadyAt - startedAt) / 1_000;
const rate = (opened: Opened) => opened.ready / seconds(opened);
const p99 = ({ latencies }: Opened) => percentile(latencies, 0.99);
printFigure(
  'authenticated, durable handshakes',
  `${Math.round(rate(ours.opened))}/s, p99 ${ms(p99(ours.opened))} (${(p99(ours.opened) / p99(plain.opened)).toFixed(1)} x plain ws)`,
  '1,000/s',
  rate(ours.opened) >= PER_SECOND * 0.97 && ours.opened.failed === 0,
);
for (const [what, opened, baseline] of [
  ['resuming', ours.resumed, plain.resumed],
  ['as new Connections', ours.anew, plain.anew],
] as const) {
  printFigure(
    `10,000 dropped at once, all back, ${what}`,
    `${seconds(opened).toFixed(1)} s (${(seconds(opened) / seconds(baseline)).toFixed(1)} x plain ws)`,
    '20 s',
    opened.failed === 0 && seconds(opened) <= 20,
  );
}
