import { setTimeout as delay } from 'node:timers/promises';
import { now } from './clock.ts';
import { ms, percentile } from './figures.ts';
import type { ClientProcess } from './load.ts';
import type { Deliveries } from './load-protocol.ts';
import { eventLoopDelay, makeUsers, cpuSeconds, type Server } from './server.ts';
import { latenciesOf, Subjects } from './subjects.ts';

/** Not faster than the server accepts: a connection that overflows the listen queue is retried after seconds. */
const PACE = { perSecond: 1_000, mostWaiting: 1_000 };
/** Time for the last deliveries to arrive, and the longest time on a busy machine. */
const SETTLE_MS = 1_000;
const PATIENCE_MS = 10_000;

/** Users that connect and disconnect, each with the same number of watchers. */
export interface Scenario {
  readonly name: string;
  readonly subjects: number;
  readonly watchers: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** How fast changes reached watchers. */
export interface FanOut {
  readonly p50: number;
  readonly p99: number;
  /** Over all changes, the time until the last watcher had it: median and worst. */
  readonly last: number;
  readonly worstLast: number;
  readonly perSecond: number;
  readonly delivered: number;
  readonly missed: number;
  readonly loopDelay: number;
  /** Processor time of the server per second. */
  readonly cores: number;
  /** Processor time of the server until the last delivery, in seconds. */
  readonly cpuSeconds: number;
}

/** Thousands of connections from one process, which watch the Users of several scenarios. */
export class Watchers {
  readonly #server: Server;
  readonly #load: ClientProcess;
  readonly #subjects = new Map<
    Scenario,
    { readonly users: Subjects; readonly firstIndex: number }
  >();

  private constructor(server: Server, load: ClientProcess) {
    this.#server = server;
    this.#load = load;
  }

  /**
   * Opens the connections, which stay open.
   *
   * @param prefix of the names of all Users
   * @throws Error if a connection fails
   */
  static async open(
    server: Server,
    load: ClientProcess,
    options: {
      readonly prefix: string;
      readonly connections: number;
      readonly scenarios: readonly Scenario[];
      /** Share of Twilsock clients that speak event protocol 3. */
      readonly protocol3Share?: number;
    },
  ): Promise<Watchers> {
    const { prefix, connections, scenarios, protocol3Share = 0 } = options;
    const opened = new Watchers(server, load);
    const watched = [];
    let firstIndex = 0;
    for (const scenario of scenarios) {
      const { name, subjects, watchers } = scenario;
      const names = Array.from({ length: subjects }, (_, index) => `${prefix}${name}-${index}`);
      const users = await makeUsers(server, names);
      watched.push({ users, each: (watchers * subjects) / connections });
      opened.#subjects.set(scenario, { users: new Subjects(server.target, names), firstIndex });
      firstIndex += subjects;
    }
    const { failed, closes } = await load.request({
      do: 'open',
      target: server.target,
      prefix: `${prefix}watcher-`,
      count: connections,
      ...PACE,
      watched,
      protocol3Share,
    });
    if (failed > 0) throw new Error(`${failed} connections failed: ${JSON.stringify(closes)}`);
    return opened;
  }

  /** Lets Users of a scenario connect and disconnect, and times the deliveries to watchers. */
  async play(scenario: Scenario, random: () => number): Promise<FanOut> {
    const subjects = this.#subjects.get(scenario);
    if (subjects === undefined) throw new Error(`Unknown scenario ${scenario.name}`);
    const { watchers, perSecond, seconds } = scenario;
    const [server, load] = [this.#server, this.#load];
    await delay(SETTLE_MS);
    await load.request({ do: 'collect' });
    await eventLoopDelay(server);
    const [began, processor] = [now(), cpuSeconds(server.pid)];
    const changes = await subjects.users.change(perSecond, seconds, random);
    const elapsed = (now() - began) / 1_000;
    const cores = (cpuSeconds(server.pid) - processor) / elapsed;
    const loopDelay = await eventLoopDelay(server);
    const deliveries = await this.#collect(changes.length * watchers);
    const cpu = cpuSeconds(server.pid) - processor;
    const byChange = latenciesOf(changes, deliveries, subjects.firstIndex);
    const lists = [...byChange.values()];
    const latencies = lists.flat();
    const lasts = lists.map((list) => percentile(list, 1));
    return {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      last: percentile(lasts, 0.5),
      worstLast: percentile(lasts, 1),
      perSecond: latencies.length / elapsed,
      delivered: latencies.length,
      missed: changes.length * watchers - latencies.length,
      loopDelay,
      cores,
      cpuSeconds: cpu,
    };
  }

  /** Waits for this many deliveries, but not for long. */
  async #collect(expected: number): Promise<Deliveries> {
    const batches: Deliveries[] = [];
    const deadline = now() + PATIENCE_MS;
    do {
      await delay(SETTLE_MS);
      batches.push(await this.#load.request({ do: 'collect' }));
    } while (batches.reduce((sum, { at }) => sum + at.length, 0) < expected && now() < deadline);
    return {
      at: Float64Array.from(batches.flatMap(({ at }) => [...at])),
      subject: Uint32Array.from(batches.flatMap(({ subject }) => [...subject])),
      online: Uint8Array.from(batches.flatMap(({ online }) => [...online])),
    };
  }

  /** Disconnects all Users. Call it after the last scenario: the disconnects are changes, too. */
  stop(): void {
    for (const { users } of this.#subjects.values()) users.stop();
  }
}

export function printFanOut(who: string, { name }: Scenario, fanOut: FanOut): void {
  const { p50, p99, last, worstLast, perSecond, delivered, missed, loopDelay, cores } = fanOut;
  console.log(
    `${who.padEnd(14)}${name.padEnd(11)}${Math.round(perSecond).toString().padStart(7)}/s  ` +
      `p50 ${ms(p50)}  p99 ${ms(p99)}  last ${ms(last)} (worst ${ms(worstLast)})  of ${delivered}, missed ${missed}  ` +
      `event loop p99 ${ms(loopDelay)}  ${cores.toFixed(2)} cores`,
  );
}
