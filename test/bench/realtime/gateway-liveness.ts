import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../report.ts';
import { now, spread } from './clock.ts';
import { ms, percentile } from './figures.ts';
import { both, compare, GATEWAYS, type Gateway } from './gateways.ts';
import { LightClient } from './light-client.ts';
import { LightTwilsock } from './light-twilsock.ts';
import { RestWitness } from './rest-witness.ts';
import { eventLoopDelay, makeUsers, type Server } from './server.ts';
import { allShownOffline, staleness } from './shown-offline.ts';
import { TwilsockWitness } from './twilsock-witness.ts';
import { Witness, type Place } from './witness.ts';

/** Longest that anybody may be shown online who has gone. */
const PATIENCE_MS = 30_000;
const WITNESSES = 5;

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

/** Compares for how long Users are still shown online who have gone, by the way they went. */
export async function liveness(server: Server, seed: number): Promise<void> {
  const random = seededRandom(seed);
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
    await spread(users, { withinMs, random }, (index) => {
      for (const { clients, goneAt } of leaving) {
        goneAt.push(now());
        clients[index]?.[way]();
      }
    });
  }
  const absent = present.map(({ gateway, sids }) => ({
    sids,
    places: [rest, ...witnesses[gateway]],
  }));
  await allShownOffline(absent, PATIENCE_MS);
  console.log(`liveness   event loop p99 ${ms(await eventLoopDelay(server))}`);
  const timesOf = (way: Way, gateway: Gateway, places: readonly Place[]): number[] =>
    present
      .filter((group) => group.way === way && group.gateway === gateway)
      .flatMap(({ sids, goneAt }) =>
        staleness({ sids, places }, (index) => goneAt[index] ?? Number.NaN),
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
  if (gateway === 'Twilsock') {
    const listener = { told: () => undefined, closed: () => undefined };
    const client = new LightTwilsock(target, identity, listener);
    if ((await client.ready) === null) throw new Error(`${identity} was not let in`);
    return {
      clean: () => client.bye(),
      abrupt: () => client.drop(),
      silent: () => client.mute(),
    };
  }
  const client = await LightClient.ready(target, identity);
  return {
    clean: () => client.send({ type: 'bye' }),
    abrupt: () => client.drop(),
    silent: () => client.mute(),
  };
}
