import { setTimeout as delay } from 'node:timers/promises';
import { now, spread } from './clock.ts';
import { ms, percentile, printFigure } from './figures.ts';
import { LightClient } from './light-client.ts';
import { RestWitness } from './rest-witness.ts';
import { eventLoopDelay, makeUsers, type Nodes } from './server.ts';
import { allShownOffline, staleness } from './shown-offline.ts';
import { Witness } from './witness.ts';

/** On each node. */
const WATCHERS = 10;

/** Users that go, each in the same way. */
export interface Scene {
  readonly what: string;
  readonly name: string;
  readonly users: number;
  /** Users go one after another within so long. */
  readonly withinMs: number;
  readonly patienceMs: number;
  readonly go: (client: LightClient) => void;
  /** Longest that a share of the Users may still be shown online. */
  readonly aim: { readonly share: number; readonly ms: number };
}

/** Measures for how long Users are still shown online who have gone, at watchers and in REST reads of both nodes. */
export async function playScene(
  { one, other }: Nodes,
  { what, name, users, withinMs, patienceMs, go, aim }: Scene,
  random: () => number,
): Promise<void> {
  const names = Array.from({ length: users }, (_, index) => `${name}-${index}`);
  const sids = await makeUsers(one, names);
  const clients = await Promise.all(names.map((user) => LightClient.ready(one.target, user)));
  const witnesses = await Promise.all(
    [one, other].flatMap((server, place) =>
      Array.from({ length: WATCHERS }, (_, index) =>
        Witness.watch(server, `witness-${name}-${place}-${index}`, sids),
      ),
    ),
  );
  const reads = [new RestWitness(one, 5), new RestWitness(other, 5)];
  await delay(1_000);
  for (const read of reads) read.watch(sids);
  for (const witness of witnesses) witness.forget();
  await Promise.all([eventLoopDelay(one), eventLoopDelay(other)]);
  const goneAt: number[] = [];
  await spread(users, { withinMs, random }, (index) => {
    const client = clients[index];
    if (client === undefined) throw new RangeError('A User has no client');
    goneAt.push(now());
    go(client);
  });
  await allShownOffline([{ sids, places: [...witnesses, ...reads] }], patienceMs);
  const gone = (index: number): number => goneAt[index] ?? Number.NaN;
  const times = {
    watchers: staleness({ sids, places: witnesses }, gone),
    REST: staleness({ sids, places: reads }, gone),
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
  for (const witness of witnesses) witness.end();
  for (const read of reads) await read.end();
  for (const client of clients) client.drop();
}
