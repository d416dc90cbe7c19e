/**
 * For how long a User is still shown online who has gone, by the way it went: at watchers and in REST reads, on the
 * node that held its socket and on another that shares the event store. Then clients that drop for 2 s every 15 s,
 * of whom nobody is to hear. Run: `npm run bench -- realtime-staleness`; or, with a program that is built,
 * `node --conditions=source test/bench/realtime-staleness.ts 1 [clean|abrupt|silent|killed|flapping ...]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { printMachine, seededRandom } from './report.ts';
import { now } from './realtime/clock.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import { LightClient, tokenOf } from './realtime/light-client.ts';
import { Load } from './realtime/load.ts';
import { eventLoopDelay, makeUsers, startBeside, startService } from './realtime/server.ts';
import { Subjects } from './realtime/subjects.ts';
import { RestWitness, Witness } from './realtime/witness.ts';

const GRACE_MS = 5_000;
const WATCHERS = 10;
const HELD = 4_000;
const FLAPPERS = 100;
const ROUNDS = 4;

const [seedText = '1', ...wanted] = process.argv.slice(2);
const seed = Number(seedText);
const random = seededRandom(seed);
printMachine(seed);
const one = await startService({ graceSeconds: GRACE_MS / 1_000 });
const other = await startBeside(one.program, one.serviceSid);
const load = new Load();
const flappers = new Load();

interface Scene {
  readonly name: string;
  readonly users: number;
  /** Users go one after another within so long. */
  readonly withinMs: number;
  readonly patienceMs: number;
  readonly go: (client: LightClient) => void;
}

/** Milliseconds from going to being shown offline, at every watcher and in every read. */
interface Staleness {
  readonly watchers: number[];
  readonly reads: number[];
  readonly missing: number;
}

async function play({ name, users, withinMs, patienceMs, go }: Scene): Promise<Staleness> {
  const names = Array.from({ length: users }, (_, index) => `${name}-${index}`);
  const sids = await makeUsers(one, names);
  const clients = await Promise.all(names.map((user) => attach(user)));
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
  const goneAt = new Map<string, number>();
  const start = now();
  for (const [index, sid] of sids.entries()) {
    const due = start + ((index + random()) / users) * withinMs;
    if (due > now() + 1) await delay(due - now());
    goneAt.set(sid, now());
    go(clients[index] ?? fail());
  }
  const everywhere = [...witnesses, ...reads];
  await until(
    `everybody to be shown offline (${name})`,
    () =>
      sids.every((sid) => everywhere.every((place) => place.offlineAt(sid) !== undefined)) ||
      undefined,
    patienceMs,
  ).catch((error: unknown) => console.log(String(error)));
  const times = (places: readonly (Witness | RestWitness)[]) =>
    places.flatMap((place) =>
      sids.flatMap((sid) => {
        const at = place.offlineAt(sid);
        return at === undefined ? [] : [at - (goneAt.get(sid) ?? Number.NaN)];
      }),
    );
  const result = { watchers: times(witnesses), reads: times(reads) };
  const missing = sids.length * everywhere.length - result.watchers.length - result.reads.length;
  const loops = await Promise.all([eventLoopDelay(one), eventLoopDelay(other)]);
  for (const [where, list] of Object.entries(result)) {
    console.log(
      `${name.padEnd(10)}${where.padEnd(10)}p50 ${ms(percentile(list, 0.5))}  p99 ${ms(percentile(list, 0.99))}  ` +
        `max ${ms(percentile(list, 1))}  of ${list.length}  event loops p99 ${loops.map(ms).join(', ')}`,
    );
  }
  for (const witness of witnesses) witness.end();
  for (const read of reads) await read.end();
  for (const client of clients) client.drop();
  return { ...result, missing };
}

function fail(): never {
  throw new RangeError('A User has no client');
}

/** A client on the first node, once it is ready. */
async function attach(user: string): Promise<LightClient> {
  const { target } = one;
  return new Promise((resolve, reject) => {
    const client: LightClient = new LightClient(target, `token=${tokenOf(target, user)}`, {
      message: (text) => {
        if (text.includes('"ready"')) resolve(client);
      },
      closed: (code) => reject(new Error(`${user} was closed with ${code}`)),
    });
  });
}

function figure(
  what: string,
  { watchers, reads, missing }: Staleness,
  p: number,
  aimMs: number,
): void {
  const [watcher, read] = [percentile(watchers, p), percentile(reads, p)];
  printFigure(
    what,
    `watchers ${ms(watcher)}, REST ${ms(read)} (${p === 1 ? 'max' : 'p99'})${missing > 0 ? `, ${missing} never` : ''}`,
    ms(aimMs),
    Math.max(watcher, read) <= aimMs && missing === 0,
  );
}

async function killNode(): Promise<void> {
  const sids = await makeUsers(
    other,
    Array.from({ length: HELD }, (_, index) => `held-${index}`),
  );
  const opened = await load.ask({
    do: 'open',
    target: one.target,
    prefix: 'held-',
    count: HELD,
    perSecond: 500,
    watched: [],
  });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const [returning, leaving] = [sids.slice(0, HELD / 2), sids.slice(HELD / 2)];
  const some = (list: readonly string[]) => list.slice(0, 1_000);
  const witnesses = await Promise.all([
    Witness.watch(other, 'witness-returning', some(returning)),
    Witness.watch(other, 'witness-leaving', some(leaving)),
  ]);
  const read = new RestWitness(other, 100);
  read.watch(sids);
  for (const witness of witnesses) witness.forget();
  await delay(2_000);
  await eventLoopDelay(other);
  const killedAt = now();
  await one.program.kill();
  const back = await load.ask({
    do: 'drop',
    resume: true,
    returning: 0.5,
    awayMs: 0,
    target: other.target,
  });
  await until(
    'the clients of the lost node to be shown offline',
    () => leaving.every((sid) => read.offlineAt(sid) !== undefined) || undefined,
    30_000,
  ).catch((error: unknown) => console.log(String(error)));
  await delay(3_000);
  const last = (place: Witness | RestWitness, list: readonly string[]) =>
    Math.max(...list.map((sid) => (place.offlineAt(sid) ?? Infinity) - killedAt));
  const [atReturning, atLeaving] = witnesses;
  const spurious =
    returning.filter((sid) => read.offlineAt(sid) !== undefined).length +
    some(returning).filter((sid) => atReturning.offlineAt(sid) !== undefined).length;
  console.log(
    `killed    ${back.ready} came back within ${ms(back.lastReadyAt - killedAt)}, ${back.failed} did not; ` +
      `event loop p99 of the survivor ${ms(await eventLoopDelay(other))}`,
  );
  const aim = 12_000 + (HELD / 4_000) * 1_000;
  const [watcher, rest] = [last(atLeaving, some(leaving)), last(read, leaving)];
  printFigure(
    `node killed with ${HELD} connections, who do not return`,
    `watchers ${ms(watcher)}, REST ${ms(rest)} (max)`,
    ms(aim),
    Math.max(watcher, rest) <= aim,
  );
  printFigure('... who return within grace: offline events', String(spurious), '0', spurious === 0);
  for (const witness of witnesses) witness.end();
  await read.end();
}

async function flap(): Promise<void> {
  const names = Array.from({ length: 20 }, (_, index) => `restless-${index}`);
  const restless = await makeUsers(other, names);
  const identities = Array.from({ length: FLAPPERS }, (_, index) => `flapper-${index}`);
  const sids = await makeUsers(other, identities);
  const opened = await flappers.ask({
    do: 'open',
    target: other.target,
    prefix: 'flapper-',
    count: FLAPPERS,
    perSecond: 200,
    watched: [{ users: restless, each: restless.length }],
  });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const witness = await Witness.watch(other, 'witness-flapping', sids);
  const read = new RestWitness(other, 20);
  read.watch(sids);
  witness.forget();
  const subjects = new Subjects(other.target, names);
  let [resumed, returned, changes] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const back = flappers.ask({
      do: 'drop',
      resume: true,
      returning: 1,
      awayMs: 2_000,
      target: other.target,
    });
    // Odd, so that some who are watched stay and some go, and never all the same.
    changes += (await subjects.change(restless.length + 7, 1, random)).length;
    const { ready, resumed: again } = await back;
    returned += ready;
    resumed += again;
    await delay(12_000);
  }
  const truth = subjects.present;
  const states = await flappers.ask({ do: 'states' });
  const wrong = states.flatMap((known) =>
    truth.filter((online, place) => (known[place] ?? false) !== online),
  ).length;
  const spurious = sids.filter(
    (sid) => witness.offlineAt(sid) !== undefined || read.offlineAt(sid) !== undefined,
  ).length;
  console.log(`flapping  ${returned} times back, ${resumed} resumed; ${changes} changes meanwhile`);
  printFigure('2 s away every 15 s: offline events', String(spurious), '0', spurious === 0);
  printFigure('... final states not delivered', String(wrong), '0', wrong === 0);
  subjects.end();
  witness.end();
  await read.end();
}

const clean = { name: 'clean', users: 200, withinMs: 10_000, patienceMs: 5_000 };
const abrupt = { name: 'abrupt', users: 100, withinMs: 5_000, patienceMs: 15_000 };
const silent = { name: 'silent', users: 100, withinMs: 10_000, patienceMs: 30_000 };
const scenes: Readonly<Record<string, () => Promise<void>>> = {
  clean: async () => {
    const staleness = await play({ ...clean, go: (client) => client.send({ type: 'bye' }) });
    figure('clean disconnect to offline', staleness, 0.99, 300);
  },
  abrupt: async () => {
    const staleness = await play({ ...abrupt, go: (client) => client.drop() });
    figure('abrupt', staleness, 1, GRACE_MS + 500);
  },
  silent: async () => {
    const staleness = await play({ ...silent, go: (client) => client.mute() });
    figure('silent', staleness, 1, 21_000);
  },
  killed: killNode,
  flapping: flap,
};

try {
  for (const [name, scene] of Object.entries(scenes)) {
    if (wanted.length === 0 || wanted.includes(name)) await scene();
  }
} finally {
  await load.stop();
  await flappers.stop();
  await other.stop();
  await one.stop();
}
