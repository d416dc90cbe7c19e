import { seededRandom } from '../report.ts';
import { printFanOut, Watchers, type FanOut, type Scenario } from './fan-out.ts';
import { percentile, printFigure } from './figures.ts';
import { forEachGateway, compare, GATEWAYS, type PerGateway } from './gateways.ts';
import type { ClientProcess } from './load.ts';
import type { Server } from './server.ts';

/** Connections on each gateway. */
const CONNECTIONS = 4_000;

/** The gateways take turns for several rounds, so that other load of the machine affects both. */
const SPREAD = {
  rounds: 4,
  scenario: { name: 'spread', subjects: 160, watchers: 50, perSecond: 100, seconds: 3 },
};
const EVERYBODY = {
  rounds: 3,
  scenario: { name: 'everybody', subjects: 1, watchers: CONNECTIONS, perSecond: 1.5, seconds: 4 },
};

/** Compares how fast changes reach watchers, with thousands of connections on each gateway, which stay open. */
export async function fanOut(
  server: Server,
  clients: PerGateway<ClientProcess>,
  seed: number,
): Promise<void> {
  const scenarios = [SPREAD.scenario, EVERYBODY.scenario];
  const watchers = await forEachGateway((gateway) =>
    Watchers.open(server, clients[gateway], {
      prefix: `on-${gateway.replace('/', '')}-`,
      connections: CONNECTIONS,
      scenarios,
    }),
  );
  const spread = await playInTurns(watchers, SPREAD, seed);
  const { watchers: each, perSecond } = SPREAD.scenario;
  const what = `${perSecond} changes/s x ${each} watchers`;
  compareRounds(`${what}, p50`, spread, ({ p50 }) => p50);
  compareRounds(`${what}, p99`, spread, ({ p99 }) => p99);
  printMissed(spread);
  const everybody = await playInTurns(watchers, EVERYBODY, seed);
  const one = `one change to ${CONNECTIONS} watchers`;
  compareRounds(`${one}, p50`, everybody, ({ p50 }) => p50);
  compareRounds(`${one}, p99`, everybody, ({ p99 }) => p99);
  compareRounds(`${one}, the last one`, everybody, ({ last }) => last);
  printMissed(everybody);
  for (const gateway of GATEWAYS) watchers[gateway].stop();
}

async function playInTurns(
  watchers: PerGateway<Watchers>,
  { scenario, rounds }: { readonly scenario: Scenario; readonly rounds: number },
  seed: number,
): Promise<PerGateway<FanOut[]>> {
  const played: PerGateway<FanOut[]> = { '/stream': [], Twilsock: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const gateway of GATEWAYS) {
      const outcome = await watchers[gateway].play(scenario, randomTimes(seed + round));
      printFanOut(gateway, scenario, outcome);
      played[gateway].push(outcome);
    }
  }
  return played;
}

/**
 * Random times, the same for both gateways in one round. Two changes are never close together: a watcher of both would
 * appear to get the second one late.
 */
function randomTimes(seed: number): () => number {
  const random = seededRandom(seed);
  return () => random() / 2;
}

/** Compares the medians of the rounds, so that other load in one round does not decide. */
function compareRounds(
  what: string,
  rounds: PerGateway<FanOut[]>,
  of: (round: FanOut) => number,
): void {
  compare(what, {
    '/stream': percentile(rounds['/stream'].map(of), 0.5),
    Twilsock: percentile(rounds.Twilsock.map(of), 0.5),
  });
}

function printMissed(rounds: PerGateway<FanOut[]>): void {
  const all = GATEWAYS.flatMap((gateway) => rounds[gateway]);
  const missed = all.reduce((sum, round) => sum + round.missed, 0);
  printFigure('... deliveries that never came', String(missed), '0', missed === 0);
}
