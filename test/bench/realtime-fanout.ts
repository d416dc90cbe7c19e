/**
 * How fast changes reach those who watch: 10,000 connections in a process of their own on one server, beside a plain
 * `ws` server under the same load. A delivery is timed from the moment at which a client begins to connect or says
 * bye to the moment at which the watcher has read the change: the handshake, the token, the durable append and the
 * way through the log are part of it. Run: `npm run bench -- realtime-fanout`
 */
import { setTimeout as delay } from 'node:timers/promises';
import { printMachine, seededRandom } from './report.ts';
import { ms, percentile, printFigure } from './realtime/figures.ts';
import { Load } from './realtime/load.ts';
import {
  eventLoopDelay,
  makeUsers,
  processorSeconds,
  startPlain,
  startService,
  type Server,
} from './realtime/server.ts';
import { latenciesOf, Subjects } from './realtime/subjects.ts';

const CONNECTIONS = 10_000;
/** No faster than they are let in: what overflows the listen queue comes again after seconds. */
const OPENED_PER_SECOND = 1_000;
/** Time that the last deliveries are given to arrive. */
const SETTLE_MS = 2_000;

interface Scenario {
  readonly name: string;
  readonly subjects: number;
  readonly watchers: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'spread', subjects: 400, watchers: 50, perSecond: 200, seconds: 15 },
  { name: 'everybody', subjects: 1, watchers: CONNECTIONS, perSecond: 1, seconds: 12 },
  { name: 'sustained', subjects: 200, watchers: 300, perSecond: 100, seconds: 15 },
];

interface Outcome {
  readonly p50: number;
  readonly p99: number;
  /** Of the last one told of each change: the worst change. */
  readonly slowestLast: number;
  readonly perSecond: number;
  readonly missed: number;
  readonly loopDelay: number;
  /** Processor time per second. */
  readonly cores: number;
}

const seed = Number(process.argv[2] ?? 1);

async function measure(server: Server): Promise<Map<string, Outcome>> {
  const load = new Load();
  try {
    const names = SCENARIOS.map(({ name, subjects }) =>
      Array.from({ length: subjects }, (_, index) => `${name}-${index}`),
    );
    const watched = [];
    for (const [index, { subjects, watchers }] of SCENARIOS.entries()) {
      const users = await makeUsers(server, names[index] ?? []);
      watched.push({ users, each: (watchers * subjects) / CONNECTIONS });
    }
    const opened = await load.ask({
      do: 'open',
      target: server.target,
      prefix: 'watcher-',
      count: CONNECTIONS,
      perSecond: OPENED_PER_SECOND,
      watched,
    });
    if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
    const outcomes = new Map<string, Outcome>();
    let firstPlace = 0;
    for (const [index, scenario] of SCENARIOS.entries()) {
      const subjects = new Subjects(server.target, names[index] ?? []);
      outcomes.set(scenario.name, await run(server, load, scenario, subjects, firstPlace));
      firstPlace += scenario.subjects;
    }
    return outcomes;
  } finally {
    await load.stop();
  }
}

async function run(
  server: Server,
  load: Load,
  { watchers, perSecond, seconds }: Scenario,
  subjects: Subjects,
  firstPlace: number,
): Promise<Outcome> {
  await delay(SETTLE_MS);
  await load.ask({ do: 'collect' });
  await eventLoopDelay(server);
  const random = seededRandom(seed);
  const [began, processor] = [performance.now(), processorSeconds(server.pid)];
  const changes = await subjects.change(perSecond, seconds, random);
  const elapsed = (performance.now() - began) / 1_000;
  const cores = (processorSeconds(server.pid) - processor) / elapsed;
  const loopDelay = await eventLoopDelay(server);
  await delay(SETTLE_MS);
  const deliveries = await load.ask({ do: 'collect' });
  subjects.end();
  const byChange = latenciesOf(changes, deliveries, firstPlace);
  const latencies = [...byChange.values()].flat();
  return {
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    slowestLast: Math.max(...[...byChange.values()].map((list) => percentile(list, 1))),
    perSecond: latencies.length / elapsed,
    missed: changes.length * watchers - latencies.length,
    loopDelay,
    cores,
  };
}

function print(server: string, outcomes: ReadonlyMap<string, Outcome>): void {
  for (const [name, { p50, p99, slowestLast, perSecond, missed, loopDelay, cores }] of outcomes) {
    console.log(
      `${server.padEnd(14)}${name.padEnd(11)}${Math.round(perSecond).toString().padStart(7)}/s  p50 ${ms(p50)}  ` +
        `p99 ${ms(p99)}  last ${ms(slowestLast)}  missed ${missed}  ` +
        `event loop p99 ${ms(loopDelay)}  ${cores.toFixed(2)} cores`,
    );
  }
}

async function of(start: () => Promise<Server>): Promise<ReadonlyMap<string, Outcome>> {
  const server = await start();
  try {
    const outcomes = await measure(server);
    print(server.name, outcomes);
    return outcomes;
  } finally {
    await server.stop();
  }
}

printMachine(seed);
const plain = await of(startPlain);
const ours = await of(startService);
const pair = (name: string) => {
  const [a, b] = [ours.get(name), plain.get(name)];
  if (a === undefined || b === undefined) throw new Error(`${name} was not measured`);
  return { a, b };
};
const ratio = (a: number, b: number) => `${(a / b).toFixed(1)} x plain ws`;
const spread = pair('spread');
printFigure(
  '10,000 connections, 200 changes/s x 50 watchers',
  `p50 ${ms(spread.a.p50)} (${ratio(spread.a.p50, spread.b.p50)}), p99 ${ms(spread.a.p99)} (${ratio(spread.a.p99, spread.b.p99)})`,
  'p50 5 ms, p99 50 ms',
  spread.a.p50 <= 5 && spread.a.p99 <= 50,
);
const everybody = pair('everybody');
printFigure(
  'one change to 10,000 watchers, the last one',
  `${ms(everybody.a.slowestLast)} (${ratio(everybody.a.slowestLast, everybody.b.slowestLast)})`,
  '300 ms',
  everybody.a.slowestLast <= 300,
);
const sustained = pair('sustained');
printFigure(
  'sustained deliveries',
  `${Math.round(sustained.a.perSecond)}/s, p99 ${ms(sustained.a.p99)} (${ratio(sustained.a.p99, sustained.b.p99)})`,
  '30,000/s, p99 250 ms',
  sustained.a.perSecond >= 29_500 && sustained.a.p99 <= 250,
);
const missed = [...ours.values()].reduce((sum, outcome) => sum + outcome.missed, 0);
printFigure('deliveries that never came', String(missed), '0', missed === 0);
