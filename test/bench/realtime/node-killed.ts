import { setTimeout as delay } from 'node:timers/promises';
import { userSid } from '#domain';
import { now } from './clock.ts';
import { ms, percentile, printFigure } from './figures.ts';
import type { Opened } from './load-protocol.ts';
import type { Load } from './load.ts';
import { RestWitness } from './rest-witness.ts';
import { eventLoopDelay, type Nodes } from './server.ts';
import { allShownOffline, shownOffline, staleness } from './shown-offline.ts';
import { Witness, type Place } from './witness.ts';

const PACE = { perSecond: 1_000, mostWaiting: 1_000 };
/** Users that one watcher watches. */
const WATCHED = 2_500;
/** Of those who return and of the others, who are read over REST: reading all of them would be a load of its own. */
const READ = 500;
const PATIENCE_MS = 40_000;
/** Longer than the grace and a second: what was closed wrongly would have shown. */
const AFTERWARDS_MS = 7_000;
/** The bound for a node that held nobody, and how many connections may take a second more. */
const AIM_MS = 12_000;
const CONNECTIONS_PER_SECOND = 4_000;

/**
 * Kills a node that holds many connections, beside another that shares its event store. Some of its clients come back
 * to the survivor, of whom nobody is to hear; for how long are the others still shown online, at watchers and in REST
 * reads of the survivor?
 *
 * @param share of the clients that come back
 */
export async function killNode(
  { one, other }: Nodes,
  load: Load,
  { held, returning: share }: { readonly held: number; readonly returning: number },
): Promise<void> {
  const prefix = 'held-';
  const clients = { target: one.target, prefix, count: held, watched: [] };
  const opened = await load.ask({ do: 'open', ...clients, ...PACE });
  if (opened.failed > 0) throw new Error(`Connections failed: ${JSON.stringify(opened.closes)}`);
  const sids = Array.from({ length: held }, (_, index) =>
    userSid(one.serviceSid, `${prefix}${index}`),
  );
  const [returning, leaving] = [sids.slice(0, held * share), sids.slice(held * share)];
  const watchers = await Watchers.watch(other, sids);
  const read = new RestWitness(other, 100);
  read.watch([...returning.slice(0, READ), ...leaving.slice(0, READ)]);
  watchers.forget();
  await delay(2_000);
  await eventLoopDelay(other);
  const killedAt = now();
  await one.program.kill();
  const coming = { resume: true, returning: share, awayMs: 0, target: other.target };
  const back = await load.ask({ do: 'drop', ...coming });
  const watched = { sids: leaving, places: [watchers] };
  const asked = { sids: leaving.slice(0, READ), places: [read] };
  await allShownOffline([watched, asked], PATIENCE_MS);
  const loop = await eventLoopDelay(other);
  await delay(AFTERWARDS_MS);
  const atWatchers = staleness(watched, () => killedAt);
  printReturn(back, killedAt, atWatchers, loop);
  const [last, rest] = [percentile(atWatchers, 1), Math.max(...staleness(asked, () => killedAt))];
  const aim = AIM_MS + (held / CONNECTIONS_PER_SECOND) * 1_000;
  printFigure(
    `node killed with ${held} connections, who do not return`,
    `watchers ${ms(last)}, REST ${ms(rest)} (max)`,
    ms(aim),
    Math.max(last, rest) <= aim,
  );
  const spurious = shownOffline({ sids: returning, places: [watchers, read] });
  printFigure(
    '... who return within grace: offline events',
    String(spurious),
    '0',
    spurious === 0 && back.failed === 0,
  );
  watchers.end();
  await read.end();
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

/** Several watchers, each of some of the Users. */
class Watchers implements Place {
  readonly #witnesses: readonly Witness[];

  private constructor(witnesses: readonly Witness[]) {
    this.#witnesses = witnesses;
  }

  static async watch(server: Nodes['other'], sids: readonly string[]): Promise<Watchers> {
    const witnesses = Array.from({ length: Math.ceil(sids.length / WATCHED) }, (_, index) => {
      const some = sids.slice(index * WATCHED, (index + 1) * WATCHED);
      return Witness.watch(server, `witness-killed-${index}`, some);
    });
    return new Watchers(await Promise.all(witnesses));
  }

  offlineAt(sid: string): number | undefined {
    for (const witness of this.#witnesses) {
      const at = witness.offlineAt(sid);
      if (at !== undefined) return at;
    }
    return undefined;
  }

  forget(): void {
    for (const witness of this.#witnesses) witness.forget();
  }

  end(): void {
    for (const witness of this.#witnesses) witness.end();
  }
}
