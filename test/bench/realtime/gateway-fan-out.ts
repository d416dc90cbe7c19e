import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../report.ts';
import { now } from './clock.ts';
import { ms, percentile, printFigure } from './figures.ts';
import { both, compare, GATEWAYS, type Both, type Gateway } from './gateways.ts';
import { eventLoopDelay, makeUsers, processorSeconds, type Server } from './server.ts';
import { latenciesOf, Subjects } from './subjects.ts';
import type { Load } from './load.ts';

/** On each of the gateways. */
const CONNECTIONS = 4_000;
const OPENED_PER_SECOND = 1_000;
/** Time that the last deliveries are given to arrive. */
const SETTLE_MS = 600;

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

/** Compares how fast changes reach watchers, with thousands of connections on each gateway, which stay open. */
export async function fanOut(server: Server, clients: Both<Load>, seed: number): Promise<void> {
  const users = await both((gateway) =>
    Promise.all(SCENARIOS.map((scenario) => makeUsers(server, subjectsOf(scenario, gateway)))),
  );
  for (const gateway of GATEWAYS) {
    const { failed, closes } = await clients[gateway].ask({
      do: 'open',
      target: server.target,
      prefix: `watcher${gateway}-`.replace('/', '-'),
      count: CONNECTIONS,
      perSecond: OPENED_PER_SECOND,
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
        rounds[gateway].push(await play(server, scenario, watched, momentsOf(seed + round)));
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

/**
 * Random moments, the same of both gateways in one round. No change comes right after another: who is told of both
 * would seem to be told of the second late.
 */
function momentsOf(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random() / 2;
}

async function play(
  server: Server,
  { watchers, perSecond, seconds }: Scenario,
  watched: { readonly clients: Load; readonly subjects: Subjects; readonly firstPlace: number },
  random: () => number,
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
