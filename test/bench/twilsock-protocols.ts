/**
 * Compares the fan-out on Twilsock with half of the watchers on event protocol 3, as older SDKs speak it, with that of all
 * watchers on protocol 4. Both have the same connections on one server and take turns. Each change is encoded once for
 * each protocol, so half of the watchers on protocol 3 must cost at most 1.2 times as much. Run:
 * `npm run bench -- twilsock-protocols`
 */
import { printMachine, seededRandom } from './report.ts';
import { printFanOut, Watchers, type FanOut } from './realtime/fan-out.ts';
import { percentile, printFigure } from './realtime/figures.ts';
import { ClientProcess } from './realtime/load.ts';
import { startService } from './realtime/server.ts';

const MAX_RATIO = 1.2;
const CONNECTIONS = 2_000;
const ROUNDS = 4;
const SPREAD = { name: 'spread', subjects: 80, watchers: 50, perSecond: 40, seconds: 5 };
const EVERYBODY = {
  name: 'everybody',
  subjects: 1,
  watchers: CONNECTIONS,
  perSecond: 1,
  seconds: 5,
};

const seed = Number(process.argv[2] ?? 1);
printMachine(seed);
const server = await startService({ graceSeconds: 2 });
const settings = [
  { name: 'all on 4', prefix: 'four-', protocol3Share: 0 },
  { name: 'half on 3', prefix: 'half-', protocol3Share: 0.5 },
];
const sides: {
  readonly name: string;
  readonly watchers: Watchers;
  readonly load: ClientProcess;
}[] = [];
try {
  for (const { name, prefix, protocol3Share } of settings) {
    const load = new ClientProcess('twilsock');
    const options = { prefix, connections: CONNECTIONS, scenarios: [SPREAD, EVERYBODY] };
    const watchers = await Watchers.open(server, load, { ...options, protocol3Share });
    sides.push({ name, watchers, load });
  }
  for (const scenario of [SPREAD, EVERYBODY]) {
    const played = sides.map((): FanOut[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { name, watchers }] of sides.entries()) {
        const random = seededRandom(seed + round);
        // Two changes are never close together: a watcher of both would appear to get the second one late.
        const outcome = await watchers.play(scenario, () => random() / 2);
        printFanOut(name, scenario, outcome);
        played[index]?.push(outcome);
      }
    }
    compare(`${scenario.name}: processor time of a delivery`, played);
    const missed = played.flat().reduce((sum, each) => sum + each.missed, 0);
    printFigure('... deliveries that never came', String(missed), '0', missed === 0);
  }
  for (const { watchers } of sides) watchers.stop();
} finally {
  for (const { load } of sides) await load.stop();
  await server.stop();
}

/** Microseconds of the server's processor time for each delivery. */
function costOf({ cores, perSecond }: FanOut): number {
  return (cores / perSecond) * 1e6;
}

/**
 * Compares the medians of the rounds, so that other load in one round does not decide. For the same reason it compares
 * processor time and not latency, which each round shows.
 */
function compare(what: string, played: readonly (readonly FanOut[])[]): void {
  const [four = NaN, half = NaN] = played.map((rounds) => percentile(rounds.map(costOf), 0.5));
  const ratio = half / four;
  const measured = `${half.toFixed(1)} us against ${four.toFixed(1)} us (${ratio.toFixed(2)} x)`;
  printFigure(what, measured, `${MAX_RATIO} x`, ratio <= MAX_RATIO);
}
