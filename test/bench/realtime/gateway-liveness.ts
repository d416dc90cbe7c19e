import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../report.ts';
import { now, spread } from './clock.ts';
import { ms, percentile } from './figures.ts';
import { forEachGateway, compare, GATEWAYS, type Gateway } from './gateways.ts';
import { LightClient } from './light-client.ts';
import { LightTwilsock } from './light-twilsock.ts';
import { RestObserver } from './rest-observer.ts';
import { eventLoopDelay, makeUsers, type Server } from './server.ts';
import { waitUntilOffline, staleness } from './shown-offline.ts';
import { TwilsockObserver } from './twilsock-observer.ts';
import { StreamObserver, type Observer } from './stream-observer.ts';

/** Longest time that a User who left may be shown online. */
const PATIENCE_MS = 30_000;
const OBSERVERS = 5;

const DISCONNECT_KINDS = ['clean', 'abrupt', 'silent'] as const;
type DisconnectKind = (typeof DISCONNECT_KINDS)[number];
const LEAVING: Readonly<
  Record<DisconnectKind, { readonly users: number; readonly withinMs: number }>
> = {
  // First, because it takes longest to detect.
  silent: { users: 30, withinMs: 2_000 },
  clean: { users: 100, withinMs: 5_000 },
  abrupt: { users: 50, withinMs: 2_500 },
};

/** A client that can disconnect in every way. */
type LeavingClient = Readonly<Record<DisconnectKind, () => void>>;

/** Compares how long Users that left are still shown online, for each kind of disconnect. */
export async function liveness(server: Server, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const groups = GATEWAYS.flatMap((gateway) =>
    DISCONNECT_KINDS.map((kind) => ({
      gateway,
      kind,
      names: Array.from({ length: LEAVING[kind].users }, (_, index) =>
        `${kind}${gateway}-${index}`.replace('/', '-'),
      ),
    })),
  );
  const present = await Promise.all(
    groups.map(async ({ gateway, kind, names }) => ({
      gateway,
      kind,
      sids: await makeUsers(server, names),
      clients: await Promise.all(names.map((name) => connectClient(server, gateway, name))),
      leftAt: [] as number[],
    })),
  );
  const sidsOn = (gateway: Gateway) =>
    present.filter((group) => group.gateway === gateway).flatMap(({ sids }) => sids);
  const numbers = Array.from({ length: OBSERVERS }, (_, index) => index);
  const observers = await forEachGateway<(StreamObserver | TwilsockObserver)[]>((gateway) =>
    Promise.all(
      numbers.map((index) =>
        gateway === '/stream'
          ? StreamObserver.watch(server, `observer-stream-${index}`, sidsOn(gateway))
          : TwilsockObserver.watch(server, `observer-twilsock-${index}`, sidsOn(gateway)),
      ),
    ),
  );
  const rest = new RestObserver(server, 5);
  await delay(1_000);
  rest.watch(GATEWAYS.flatMap(sidsOn));
  for (const observer of GATEWAYS.flatMap((gateway) => observers[gateway])) observer.reset();
  await eventLoopDelay(server);
  for (const kind of ['silent', 'clean', 'abrupt'] as const) {
    const leaving = present.filter((group) => group.kind === kind);
    const { users, withinMs } = LEAVING[kind];
    await spread(users, { withinMs, random }, (index) => {
      for (const { clients, leftAt } of leaving) {
        leftAt.push(now());
        clients[index]?.[kind]();
      }
    });
  }
  const leftUsers = present.map(({ gateway, sids }) => ({
    sids,
    observers: [rest, ...observers[gateway]],
  }));
  await waitUntilOffline(leftUsers, PATIENCE_MS);
  console.log(`liveness   event loop p99 ${ms(await eventLoopDelay(server))}`);
  const timesOf = (kind: DisconnectKind, gateway: Gateway, at: readonly Observer[]): number[] =>
    present
      .filter((group) => group.kind === kind && group.gateway === gateway)
      .flatMap(({ sids, leftAt }) =>
        staleness({ sids, observers: at }, (index) => leftAt[index] ?? Number.NaN),
      );
  for (const kind of ['clean', 'abrupt', 'silent'] as const) {
    for (const where of ['watchers', 'REST'] as const) {
      const of = await forEachGateway(async (gateway) =>
        Promise.resolve(timesOf(kind, gateway, where === 'REST' ? [rest] : observers[gateway])),
      );
      for (const p of [0.5, 0.99]) {
        const what = `${kind} to offline at ${where}, p${p * 100}`;
        compare(what, {
          '/stream': percentile(of['/stream'], p),
          Twilsock: percentile(of.Twilsock, p),
        });
      }
    }
  }
  for (const observer of GATEWAYS.flatMap((gateway) => observers[gateway])) observer.stop();
  await rest.stop();
}

/** Connects a client to a gateway and waits until it is ready. */
async function connectClient(
  server: Server,
  gateway: Gateway,
  identity: string,
): Promise<LeavingClient> {
  const { target } = server;
  if (gateway === 'Twilsock') {
    const listener = { changed: () => undefined, closed: () => undefined };
    const client = new LightTwilsock(target, identity, listener);
    if ((await client.ready) === null) throw new Error(`${identity} was rejected`);
    return {
      clean: () => client.close(),
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
