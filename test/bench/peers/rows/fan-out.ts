import { seededRandom } from '../../report.ts';
import { Watchers, type FanOut, type Scenario } from '../../realtime/fan-out.ts';
import { ClientProcess } from '../../realtime/load.ts';
import { spreadOf, takeTurns, type Contender, type Row, type Sample } from '../results.ts';
import {
  missingSocketContenders,
  socketContenders,
  withServers,
  type SocketContender,
} from '../sockets.ts';

const CONNECTIONS = 2_000;
const SPREAD = { name: 'spread', subjects: 400, watchers: 50, perSecond: 200, seconds: 3 };

const EVERYBODY = 10_000;
const ONE = { name: 'everybody', subjects: 1, watchers: EVERYBODY, perSecond: 1, seconds: 1 };
/** Changes one after another, each once all have the one before. */
const CHANGES = 5;

/** 200 changes a second to 50 watchers each, the Users connecting and disconnecting. */
export function spreadRow(rounds: number): Promise<Row> {
  const contenders = socketContenders();
  return withServers(contenders, async (servers) => {
    const loads = servers.map(() => new ClientProcess());
    const opened: Watchers[] = [];
    try {
      const named: Contender[] = [];
      for (const [index, server] of servers.entries()) {
        const load = loads[index];
        if (load === undefined) continue;
        const options = { prefix: '', connections: CONNECTIONS, scenarios: [SPREAD] };
        const watchers = await Watchers.open(server, load, options);
        opened.push(watchers);
        named.push({ name: contenders[index]?.name ?? '', measure: () => play(watchers) });
      }
      const row = { title: '200 changes/s to 50 watchers each', unit: 'ms, p50' } as const;
      const series = await takeTurns(named, rounds);
      return { id: 'fan-out', better: 'less', ...row, series, missing: missingSocketContenders() };
    } finally {
      for (const watchers of opened) watchers.stop();
      await Promise.all(loads.map((load) => load.stop()));
    }
  });
}

/** One change at a time to 10,000 watchers, until the last has it. Only one server has its watchers at a time: their pings would disturb. */
export async function lastWatcherRow(rounds: number): Promise<Row> {
  const contenders = socketContenders().map(({ name, start }): Contender => {
    return { name, measure: () => lastOf({ name, start }) };
  });
  return {
    id: 'last-watcher',
    title: 'one change to 10,000 watchers, the last one',
    unit: 'ms',
    better: 'less',
    series: await takeTurns(contenders, rounds, false),
    missing: missingSocketContenders(),
  };
}

async function lastOf(contender: SocketContender): Promise<Sample> {
  return withServers([contender], async ([server]) => {
    if (server === undefined) throw new Error('The server did not start');
    const load = new ClientProcess();
    try {
      const options = { prefix: '', connections: EVERYBODY, scenarios: [ONE] };
      const watchers = await Watchers.open(server, load, options);
      const outcomes: FanOut[] = [];
      for (let change = 0; change < CHANGES; change += 1) {
        outcomes.push(await outcomeOf(watchers, ONE));
      }
      watchers.stop();
      return {
        value: spreadOf(outcomes.map(({ last }) => last)).median,
        cpuUs: spreadOf(outcomes.map(cpuOf)).median,
      };
    } finally {
      await load.stop();
    }
  });
}

async function play(watchers: Watchers): Promise<Sample> {
  const fanOut = await outcomeOf(watchers, SPREAD);
  return { value: fanOut.p50, cpuUs: cpuOf(fanOut) };
}

async function outcomeOf(watchers: Watchers, scenario: Scenario): Promise<FanOut> {
  const fanOut = await watchers.play(scenario, seededRandom(1));
  if (fanOut.missed > 0) console.log(`${fanOut.missed} deliveries never came`);
  return fanOut;
}

const cpuOf = ({ cpuSeconds, delivered }: FanOut): number => (cpuSeconds / delivered) * 1e6;
