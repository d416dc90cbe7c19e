/**
 * Twilsock beside `/stream` on one server under the same load: how fast changes reach those who watch, for how long
 * a User is still shown online who has gone, and what an idle connection takes. Both gateways are to be within a
 * factor of two. Deliveries are timed as in `realtime-fanout`; of both gateways the watched Users come and go on
 * `/stream`, so that all that differs is the way to the watchers. Run: `npm run bench -- twilsock`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { mintToken } from '../support/mint-token.ts';
import { until } from '../support/until.ts';
import { printMachine, seededRandom } from './report.ts';
import { now } from './realtime/clock.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import { LightClient } from './realtime/light-client.ts';
import { LightTwilsock } from './realtime/light-twilsock.ts';
import { Load } from './realtime/load.ts';
import {
  eventLoopDelay,
  makeUsers,
  processorSeconds,
  residentBytes,
  startService,
  type Server,
} from './realtime/server.ts';
import { latenciesOf, Subjects } from './realtime/subjects.ts';
import { TwilsockLoad, type Clients } from './realtime/twilsock-load.ts';
import { TwilsockWitness } from './realtime/twilsock-witness.ts';
import { RestWitness, Witness } from './realtime/witness.ts';

/** On each of the gateways. */
const CONNECTIONS = 4_000;
const OPENED_PER_SECOND = 1_000;
const IDLE = 4_000;
/** Longer than half a ping's interval, in which every new connection is pinged for the first time. */
const IDLE_MS = 6_000;
/** Time that the last deliveries are given to arrive. */
const SETTLE_MS = 600;
const GRACE_MS = 2_000;
/** A ping after 10 s of silence, an answer awaited for 5 s, the grace, and what else it takes. */
const SILENT_MS = 15_000 + GRACE_MS + 1_000;
const WITNESSES = 5;
const MOST_RATIO = 2;

const GATEWAYS = ['/stream', 'Twilsock'] as const;
type Gateway = (typeof GATEWAYS)[number];
/** The same of each gateway. */
type Both<Value> = Readonly<Record<Gateway, Value>>;

interface Scenario {
  readonly name: string;
  readonly subjects: number;
  readonly watchers: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Times that the gateways take turns: what else the machine does meets both. */
  readonly rounds: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'spread', subjects: 160, watchers: 50, perSecond: 100, seconds: 3, rounds: 4 },
  {
    name: 'everybody',
    subjects: 1,
    watchers: CONNECTIONS,
    perSecond: 1.5,
    seconds: 4,
    rounds: 3,
  },
];

const seed = Number(process.argv[2] ?? 1);
const random = seededRandom(seed);

async function both<Value>(of: (gateway: Gateway) => Promise<Value>): Promise<Both<Value>> {
  return { '/stream': await of('/stream'), Twilsock: await of('Twilsock') };
}

function clientsOf(gateway: Gateway): Clients {
  return gateway === '/stream' ? new Load() : new TwilsockLoad();
}

/** Prints a figure of Twilsock's beside that of `/stream`, and whether it is within the factor of two. */
function compare(what: string, of: Both<number>, shown: (value: number) => string = ms): void {
  const ratio = of.Twilsock / of['/stream'];
  printFigure(
    what,
    `${shown(of.Twilsock)} against ${shown(of['/stream'])} (${ratio.toFixed(2)} x)`,
    `${MOST_RATIO} x`,
    ratio <= MOST_RATIO,
  );
}

async function idle(gateway: Gateway): Promise<number> {
  const server = await startService();
  const clients = clientsOf(gateway);
  try {
    await delay(2_000);
    const before = residentBytes(server.pid);
    const { ready } = await clients.ask({
      do: 'open',
      target: server.target,
      prefix: 'idle-',
      count: IDLE,
      perSecond: OPENED_PER_SECOND,
      localAddress: '127.0.0.1',
      watched: [],
    });
    await delay(IDLE_MS);
    return (residentBytes(server.pid) - before) / ready;
  } finally {
    await clients.stop();
    await server.stop();
  }
}

/** Of one gateway, what was measured in one round of a scenario. */
interface Round {
  readonly p50: number;
  readonly p99: number;
  /** When the last watcher was told of each change, in the middle of all changes. */
  readonly last: number;
  readonly delivered: number;
  readonly missed: number;
  readonly loopDelay: number;
  /** Processor time of the server per second. */
  readonly cores: number;
}

async function fanOut(server: Server, clients: Both<Clients>): Promise<void> {
  const users = await both((gateway) =>
    Promise.all(SCENARIOS.map((scenario) => makeUsers(server, subjectsOf(scenario, gateway)))),
  );
  for (const [index, gateway] of GATEWAYS.entries()) {
    const { failed, closes } = await clients[gateway].ask({
      do: 'open',
      target: server.target,
      prefix: `watcher${gateway}-`.replace('/', '-'),
      count: CONNECTIONS,
      perSecond: OPENED_PER_SECOND,
      localAddress: `127.0.0.${index + 1}`,
      watched: SCENARIOS.map(({ subjects, watchers }, place) => ({
        users: users[gateway][place] ?? [],
        each: (watchers * subjects) / CONNECTIONS,
      })),
    });
    if (failed > 0) throw new Error(`Connections failed: ${JSON.stringify(closes)}`);
  }
  let firstPlace = 0;
  for (const scenario of SCENARIOS) {
    const rounds: Both<Round[]> = { '/stream': [], Twilsock: [] };
    const subjects = await both(async (gateway) =>
      Promise.resolve(new Subjects(server.target, subjectsOf(scenario, gateway))),
    );
    for (let round = 0; round < scenario.rounds; round += 1) {
      for (const gateway of GATEWAYS) {
        const watched = { clients: clients[gateway], subjects: subjects[gateway], firstPlace };
        rounds[gateway].push(await play(server, scenario, watched));
      }
    }
    for (const gateway of GATEWAYS) {
      subjects[gateway].end();
      for (const round of rounds[gateway]) print(scenario.name, gateway, round);
    }
    compareRounds(scenario, rounds);
    firstPlace += scenario.subjects;
  }
}

function subjectsOf({ name, subjects }: Scenario, gateway: Gateway): string[] {
  const prefix = `${name}${gateway}`.replace('/', '-');
  return Array.from({ length: subjects }, (_, index) => `${prefix}-${index}`);
}

async function play(
  server: Server,
  { watchers, perSecond, seconds }: Scenario,
  watched: { readonly clients: Clients; readonly subjects: Subjects; readonly firstPlace: number },
): Promise<Round> {
  const { clients, subjects, firstPlace } = watched;
  await delay(SETTLE_MS);
  await clients.ask({ do: 'collect' });
  await eventLoopDelay(server);
  const [began, processor] = [now(), processorSeconds(server.pid)];
  const changes = await subjects.change(perSecond, seconds, random);
  const cores = (processorSeconds(server.pid) - processor) / ((now() - began) / 1_000);
  const loopDelay = await eventLoopDelay(server);
  await delay(SETTLE_MS);
  const byChange = latenciesOf(changes, await clients.ask({ do: 'collect' }), firstPlace);
  const lists = [...byChange.values()];
  const latencies = lists.flat();
  const lasts = lists.map((list) => percentile(list, 1));
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    last: percentile(lasts, 0.5),
    delivered: latencies.length,
    missed: changes.length * watchers - latencies.length,
    loopDelay,
    cores,
  };
}

function print(scenario: string, gateway: Gateway, round: Round): void {
  const { p50, p99, last, delivered, missed, loopDelay, cores } = round;
  console.log(
    `${scenario.padEnd(11)}${gateway.padEnd(10)}p50 ${ms(p50)}  p99 ${ms(p99)}  last ${ms(last)}  ` +
      `of ${delivered}, missed ${missed}  event loop p99 ${ms(loopDelay)}  ${cores.toFixed(2)} cores`,
  );
}

/** Compares the middle ones of the rounds, lest what else the machine does in one of them decide. */
function compareRounds({ name, watchers, perSecond }: Scenario, rounds: Both<Round[]>): void {
  const middle = (of: (round: Round) => number): Both<number> => ({
    '/stream': percentile(rounds['/stream'].map(of), 0.5),
    Twilsock: percentile(rounds.Twilsock.map(of), 0.5),
  });
  if (name === 'spread') {
    const what = `${perSecond} changes/s x ${watchers} watchers`;
    compare(
      `${what}, p50`,
      middle(({ p50 }) => p50),
    );
    compare(
      `${what}, p99`,
      middle(({ p99 }) => p99),
    );
  } else {
    const what = `one change to ${watchers} watchers`;
    compare(
      `${what}, p50`,
      middle(({ p50 }) => p50),
    );
    compare(
      `${what}, the last one`,
      middle(({ last }) => last),
    );
  }
  const all = GATEWAYS.flatMap((gateway) => rounds[gateway]);
  const missed = all.reduce((sum, round) => sum + round.missed, 0);
  printFigure('... deliveries that never came', String(missed), '0', missed === 0);
}

const WAYS = ['clean', 'abrupt', 'silent'] as const;
type Way = (typeof WAYS)[number];
const GOING: Readonly<Record<Way, { readonly users: number; readonly withinMs: number }>> = {
  // First, for it takes longest to be noticed.
  silent: { users: 30, withinMs: 2_000 },
  clean: { users: 100, withinMs: 5_000 },
  abrupt: { users: 50, withinMs: 2_500 },
};

/** A client that can go in every way. */
type Leaver = Readonly<Record<Way, () => void>>;

async function liveness(server: Server): Promise<void> {
  const groups = GATEWAYS.flatMap((gateway) =>
    WAYS.map((way) => ({
      gateway,
      way,
      names: Array.from({ length: GOING[way].users }, (_, index) =>
        `${way}${gateway}-${index}`.replace('/', '-'),
      ),
    })),
  );
  const present = await Promise.all(
    groups.map(async ({ gateway, way, names }) => ({
      gateway,
      way,
      sids: await makeUsers(server, names),
      clients: await Promise.all(names.map((name) => attach(server, gateway, name))),
      goneAt: [] as number[],
    })),
  );
  const sidsOn = (gateway: Gateway) =>
    present.filter((group) => group.gateway === gateway).flatMap(({ sids }) => sids);
  const numbers = Array.from({ length: WITNESSES }, (_, index) => index);
  const witnesses = await both<(Witness | TwilsockWitness)[]>((gateway) =>
    Promise.all(
      numbers.map((index) =>
        gateway === '/stream'
          ? Witness.watch(server, `witness-stream-${index}`, sidsOn(gateway))
          : TwilsockWitness.watch(server, `witness-twilsock-${index}`, sidsOn(gateway)),
      ),
    ),
  );
  const rest = new RestWitness(server, 5);
  await delay(1_000);
  rest.watch(GATEWAYS.flatMap(sidsOn));
  for (const witness of GATEWAYS.flatMap((gateway) => witnesses[gateway])) witness.forget();
  await eventLoopDelay(server);
  for (const way of ['silent', 'clean', 'abrupt'] as const) {
    const leaving = present.filter((group) => group.way === way);
    const { users, withinMs } = GOING[way];
    const start = now();
    for (let index = 0; index < users; index += 1) {
      const due = start + ((index + random()) / users) * withinMs;
      if (due > now() + 1) await delay(due - now());
      for (const { clients, goneAt } of leaving) {
        goneAt.push(now());
        clients[index]?.[way]();
      }
    }
  }
  await until(
    'everybody to be shown offline',
    () =>
      present.every(({ gateway, sids }) =>
        sids.every((sid) =>
          [rest, ...witnesses[gateway]].every((place) => place.offlineAt(sid) !== undefined),
        ),
      ) || undefined,
    SILENT_MS + 10_000,
  ).catch((error: unknown) => console.log(String(error)));
  console.log(`liveness   event loop p99 ${ms(await eventLoopDelay(server))}`);
  const timesOf = (
    way: Way,
    gateway: Gateway,
    places: readonly { offlineAt: (sid: string) => number | undefined }[],
  ) =>
    present
      .filter((group) => group.way === way && group.gateway === gateway)
      .flatMap(({ sids, goneAt }) =>
        sids.flatMap((sid, index) =>
          places.map((place) => (place.offlineAt(sid) ?? Infinity) - (goneAt[index] ?? 0)),
        ),
      );
  for (const way of ['clean', 'abrupt', 'silent'] as const) {
    for (const where of ['watchers', 'REST'] as const) {
      const of = await both(async (gateway) =>
        Promise.resolve(timesOf(way, gateway, where === 'REST' ? [rest] : witnesses[gateway])),
      );
      for (const p of [0.5, 0.99]) {
        const what = `${way} to offline at ${where}, p${p * 100}`;
        compare(what, {
          '/stream': percentile(of['/stream'], p),
          Twilsock: percentile(of.Twilsock, p),
        });
      }
    }
  }
  for (const witness of GATEWAYS.flatMap((gateway) => witnesses[gateway])) witness.end();
  await rest.end();
}

/** A client of a gateway, once it is let in. */
async function attach(server: Server, gateway: Gateway, identity: string): Promise<Leaver> {
  const { target } = server;
  const localAddress = '127.0.0.7';
  if (target.access === null) throw new Error('The service has no access');
  if (gateway === 'Twilsock') {
    const listener = { told: () => undefined, closed: () => undefined };
    const client = new LightTwilsock({ target, identity, localAddress }, listener);
    if ((await client.ready) === null) throw new Error(`${identity} was not let in`);
    return {
      clean: () => client.bye(),
      abrupt: () => client.drop(),
      silent: () => client.mute(),
    };
  }
  const token = mintToken(target.access.credentials, target.access.serviceSid, identity);
  return new Promise((resolve, reject) => {
    const client: LightClient = new LightClient(
      { port: target.port, path: `/stream?token=${token}`, localAddress },
      {
        message: (text) => {
          if (!text.includes('"ready"')) return;
          resolve({
            clean: () => client.send({ type: 'bye' }),
            abrupt: () => client.drop(),
            silent: () => client.mute(),
          });
        },
        closed: (code) => reject(new Error(`${identity} was closed with ${code}`)),
      },
    );
  });
}

printMachine(seed);
const kilobytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KB`;
const server = await startService({ graceSeconds: GRACE_MS / 1_000 });
const clients = { '/stream': clientsOf('/stream'), Twilsock: clientsOf('Twilsock') };
try {
  await fanOut(server, clients);
  await liveness(server);
} finally {
  for (const gateway of GATEWAYS) await clients[gateway].stop();
  await server.stop();
}
compare('resident memory of an idle connection', await both(idle), kilobytes);
