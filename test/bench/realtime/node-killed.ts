import { setTimeout as delay } from 'node:timers/promises';
import { userSid } from '#domain';
import { now } from './clock.ts';
import { ms, percentile, printFigure } from './figures.ts';
import type { Opened } from './load-protocol.ts';
import type { ClientProcess } from './load.ts';
import { RestObserver } from './rest-observer.ts';
import { eventLoopDelay, type Nodes } from './server.ts';
import { waitUntilOffline, countShownOffline, staleness } from './shown-offline.ts';
import { StreamObserver, type Observer } from './stream-observer.ts';

const PACE = { perSecond: 1_000, mostWaiting: 1_000 };
/** Users of one watcher. */
const WATCHED = 2_500;
/** Users of each group that are read over REST; reading all of them would add load. */
const READ = 500;
const PATIENCE_MS = 40_000;
/** Longer than the grace period plus a second: wrongly closed Connections would be visible by then. */
const SETTLE_MS = 7_000;
/** The bound for a node without connections, and the number of connections that may add a second. */
const AIM_MS = 12_000;
const CONNECTIONS_PER_SECOND = 4_000;

/**
 * Kills a node with many connections while another node shares its event store. Some of its clients reconnect to the
 * surviving node, which watchers must not notice. Measures how long the others are still shown online, at watchers and in
 * REST reads of the surviving node.
 *
 * @param share share of the clients that reconnect
 */
export async function killNode(
  { one, other }: Nodes,
  load: ClientProcess,
  { held, returning: share }: { readonly held: number; readonly returning: number },
): Promise<void> {
  const prefix = 'held-';
  const clients = { target: one.target, prefix, count: held, watched: [] };
  const opened = await load.request({ do: 'open', ...clients, ...PACE });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const sids = Array.from({ length: held }, (_, index) =>
    userSid(one.serviceSid, `${prefix}${index}`),
  );
  const [returning, leaving] = [sids.slice(0, held * share), sids.slice(held * share)];
  const watchers = await Watchers.watch(other, sids);
  const read = new RestObserver(other, 100);
  read.watch([...returning.slice(0, READ), ...leaving.slice(0, READ)]);
  watchers.reset();
  await delay(2_000);
  await eventLoopDelay(other);
  const killedAt = now();
  await one.program.kill();
  const coming = { resume: true, returning: share, awayMs: 0, target: other.target };
  const back = await load.request({ do: 'drop', ...coming });
  const watched = { sids: leaving, observers: [watchers] };
  const readUsers = { sids: leaving.slice(0, READ), observers: [read] };
  await waitUntilOffline([watched, readUsers], PATIENCE_MS);
  const loop = await eventLoopDelay(other);
  await delay(SETTLE_MS);
  const atWatchers = staleness(watched, () => killedAt);
  printReturn(back, killedAt, atWatchers, loop);
  const [last, rest] = [
    percentile(atWatchers, 1),
    Math.max(...staleness(readUsers, () => killedAt)),
  ];
  const aim = AIM_MS + (held / CONNECTIONS_PER_SECOND) * 1_000;
  printFigure(
    `node killed with ${held} connections, who do not return`,
    `watchers ${ms(last)}, REST ${ms(rest)} (max)`,
    ms(aim),
    Math.max(last, rest) <= aim,
  );
  const offlineEvents = countShownOffline({ sids: returning, observers: [watchers, read] });
  printFigure(
    '... who return within grace: offline events',
    String(offlineEvents),
    '0',
    offlineEvents === 0 && back.failed === 0,
  );
  watchers.stop();
  await read.stop();
}

function printReturn(
  { ready, failed, lastReadyAt, closes }: Opened,
  killedAt: number,
  stalenesses: readonly number[],
  loopDelay: number,
): void {
  const [first, last] = [percentile(stalenesses, 0), percentile(stalenesses, 1)];
  const rate = Math.round((stalenesses.length / (last - first)) * 1_000);
  console.log(
    `killed    ${ready} came back within ${ms(lastReadyAt - killedAt)}, ${failed} did not ` +
      `${JSON.stringify(closes)}; the others were shown offline from ${ms(first)} on, ${rate} a second; ` +
      `event loop p99 of the survivor ${ms(loopDelay)}`,
  );
}

/** Several watchers, each of a part of the Users. */
class Watchers implements Observer {
  readonly #observers: readonly StreamObserver[];

  private constructor(observers: readonly StreamObserver[]) {
    this.#observers = observers;
  }

  static async watch(server: Nodes['other'], sids: readonly string[]): Promise<Watchers> {
    const observers = Array.from({ length: Math.ceil(sids.length / WATCHED) }, (_, index) => {
      const some = sids.slice(index * WATCHED, (index + 1) * WATCHED);
      return StreamObserver.watch(server, `observer-killed-${index}`, some);
    });
    return new Watchers(await Promise.all(observers));
  }

  offlineAt(sid: string): number | undefined {
    for (const observer of this.#observers) {
      const at = observer.offlineAt(sid);
      if (at !== undefined) return at;
    }
    return undefined;
  }

  reset(): void {
    for (const observer of this.#observers) observer.reset();
  }

  stop(): void {
    for (const observer of this.#observers) observer.stop();
  }
}
