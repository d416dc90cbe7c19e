import { setTimeout as delay } from 'node:timers/promises';
import { now, spread } from './clock.ts';
import { ms, percentile, printFigure } from './figures.ts';
import { LightClient } from './light-client.ts';
import { RestObserver } from './rest-observer.ts';
import { eventLoopDelay, makeUsers, type Nodes } from './server.ts';
import { waitUntilOffline, staleness } from './shown-offline.ts';
import { StreamObserver } from './stream-observer.ts';

/** Watchers on each node. */
const WATCHERS = 10;

/** Users that disconnect in the same way. */
export interface DisconnectScenario {
  readonly what: string;
  readonly name: string;
  readonly users: number;
  /** Time within which the Users leave one after another. */
  readonly withinMs: number;
  readonly patienceMs: number;
  readonly disconnect: (client: LightClient) => void;
  /** Longest time that a share of the Users may still be shown online. */
  readonly aim: { readonly share: number; readonly ms: number };
}

/** Measures how long Users that left are still shown online, at watchers and in REST reads of both nodes. */
export async function playDisconnects(
  { one, other }: Nodes,
  { what, name, users, withinMs, patienceMs, disconnect: go, aim }: DisconnectScenario,
  random: () => number,
): Promise<void> {
  const names = Array.from({ length: users }, (_, index) => `${name}-${index}`);
  const sids = await makeUsers(one, names);
  const clients = await Promise.all(names.map((user) => LightClient.ready(one.target, user)));
  const observers = await Promise.all(
    [one, other].flatMap((server, node) =>
      Array.from({ length: WATCHERS }, (_, index) =>
        StreamObserver.watch(server, `observer-${name}-${node}-${index}`, sids),
      ),
    ),
  );
  const reads = [new RestObserver(one, 5), new RestObserver(other, 5)];
  await delay(1_000);
  for (const read of reads) read.watch(sids);
  for (const observer of observers) observer.reset();
  await Promise.all([eventLoopDelay(one), eventLoopDelay(other)]);
  const leftAt: number[] = [];
  await spread(users, { withinMs, random }, (index) => {
    const client = clients[index];
    if (client === undefined) throw new RangeError('A User has no client');
    leftAt.push(now());
    go(client);
  });
  await waitUntilOffline([{ sids, observers: [...observers, ...reads] }], patienceMs);
  const gone = (index: number): number => leftAt[index] ?? Number.NaN;
  const times = {
    watchers: staleness({ sids, observers }, gone),
    REST: staleness({ sids, observers: reads }, gone),
  };
  const loops = await Promise.all([eventLoopDelay(one), eventLoopDelay(other)]);
  for (const [where, list] of Object.entries(times)) {
    console.log(
      `${name.padEnd(10)}${where.padEnd(10)}p50 ${ms(percentile(list, 0.5))}  p99 ${ms(percentile(list, 0.99))}  ` +
        `max ${ms(percentile(list, 1))}  of ${list.length}  event loops p99 ${loops.map(ms).join(', ')}`,
    );
  }
  const [watcher, rest] = [times.watchers, times.REST].map((list) => percentile(list, aim.share));
  const never = [...times.watchers, ...times.REST].filter((time) => time === Infinity).length;
  printFigure(
    what,
    `watchers ${ms(watcher ?? Number.NaN)}, REST ${ms(rest ?? Number.NaN)} ` +
      `(${aim.share === 1 ? 'max' : 'p99'})${never > 0 ? `, ${never} never` : ''}`,
    ms(aim.ms),
    Math.max(watcher ?? Number.NaN, rest ?? Number.NaN) <= aim.ms && never === 0,
  );
  for (const observer of observers) observer.stop();
  for (const read of reads) await read.stop();
  for (const client of clients) client.drop();
}
