/**
 * Measures how fast changes reach watchers: 10,000 connections from one client process to one server, compared with a
 * plain `ws` server under the same load. A delivery takes from the start of a client's connect or bye until the watcher
 * has read the change. It includes the handshake, the token check, the durable append and the path through the log.
 * Run: `npm run bench -- realtime-fanout`
 */
import { printMachine, seededRandom } from './report.ts';
import { printFanOut, Watchers, type FanOut, type Scenario } from './realtime/fan-out.ts';
import { ms, printFigure } from './realtime/figures.ts';
import { ClientProcess } from './realtime/load.ts';
import { startPlain, startService, type Server } from './realtime/server.ts';

const CONNECTIONS = 10_000;

const SCENARIOS = {
  spread: { name: 'spread', subjects: 400, watchers: 50, perSecond: 200, seconds: 15 },
  everybody: { name: 'everybody', subjects: 1, watchers: CONNECTIONS, perSecond: 1, seconds: 12 },
  sustained: { name: 'sustained', subjects: 200, watchers: 300, perSecond: 100, seconds: 15 },
};

type Outcomes = Readonly<Record<keyof typeof SCENARIOS, FanOut>>;

const seed = Number(process.argv[2] ?? 1);

async function measure(start: () => Promise<Server>): Promise<Outcomes> {
  const server = await start();
  const load = new ClientProcess();
  const { spread, everybody, sustained } = SCENARIOS;
  try {
    const watchers = await Watchers.open(server, load, {
      prefix: '',
      connections: CONNECTIONS,
      scenarios: [spread, everybody, sustained],
    });
    const play = async (scenario: Scenario): Promise<FanOut> => {
      const outcome = await watchers.play(scenario, seededRandom(seed));
      printFanOut(server.name, scenario, outcome);
      return outcome;
    };
    const outcomes = {
      spread: await play(spread),
      everybody: await play(everybody),
      sustained: await play(sustained),
    };
    watchers.stop();
    return outcomes;
  } finally {
    await load.stop();
    await server.stop();
  }
}

printMachine(seed);
const plain = await measure(startPlain);
const { spread, everybody, sustained } = await measure(startService);
const ratio = (a: number, b: number): string => `${(a / b).toFixed(1)} x plain ws`;
printFigure(
  '10,000 connections, 200 changes/s x 50 watchers',
  `p50 ${ms(spread.p50)} (${ratio(spread.p50, plain.spread.p50)}), ` +
    `p99 ${ms(spread.p99)} (${ratio(spread.p99, plain.spread.p99)})`,
  'p50 5 ms, p99 50 ms',
  spread.p50 <= 5 && spread.p99 <= 50,
);
printFigure(
  'one change to 10,000 watchers, the last one',
  `${ms(everybody.worstLast)} (${ratio(everybody.worstLast, plain.everybody.worstLast)})`,
  '300 ms',
  everybody.worstLast <= 300,
);
printFigure(
  'sustained deliveries',
  `${Math.round(sustained.perSecond)}/s, p99 ${ms(sustained.p99)} (${ratio(sustained.p99, plain.sustained.p99)})`,
  '30,000/s, p99 250 ms',
  sustained.perSecond >= 29_500 && sustained.p99 <= 250,
);
const missed = [spread, everybody, sustained].reduce((sum, outcome) => sum + outcome.missed, 0);
printFigure('deliveries that never came', String(missed), '0', missed === 0);
