import { setTimeout as delay } from 'node:timers/promises';
import { ClientProcess } from '../realtime/load.ts';
import {
  cpuSeconds,
  makeUsers,
  startPlain,
  startService,
  type Server,
} from '../realtime/server.ts';
import { Subjects } from '../realtime/subjects.ts';
import { seededRandom } from '../report.ts';
import { ratioOf, type Work } from './ratio.ts';

const ROUNDS = 3;
const PACE = { perSecond: 5_000, mostWaiting: 50 };
const CLIENTS = 400;
const WATCHERS = 100;
const SUBJECTS = 20;
/** All Users connect, or all leave: each once its watchers have been told of the change before. */
const TURNS = 4;
const ALL = { perSecond: SUBJECTS * 10, seconds: 0.1 };
/** Longest time for all deliveries of a turn to arrive. */
const PATIENCE_MS = 60_000;

/** Clients that connect, compared with a plain `ws` server. */
export function connectRatio(): Promise<number> {
  return withServers(async (ours, bare) => {
    let turns = 0;
    const connect = async (server: Server): Promise<Work> => {
      turns += 1;
      return connectAll(server, `turn-${turns}-`);
    };
    return ratioOf({ ours: () => connect(ours), bare: () => connect(bare) }, ROUNDS);
  });
}

/** Changes that reach 100 watchers, compared with a plain `ws` server; its unit is one delivery. */
export function deliveryRatio(): Promise<number> {
  return withServers(async (ours, bare) => {
    const crowds = [await Crowd.open(ours), await Crowd.open(bare)] as const;
    try {
      const [ofOurs, ofBare] = crowds;
      return await ratioOf({ ours: () => ofOurs.deliver(), bare: () => ofBare.deliver() }, ROUNDS);
    } finally {
      for (const crowd of crowds) await crowd.stop();
    }
  });
}

/** Watchers of some Users, which connect and disconnect. */
class Crowd {
  readonly #server: Server;
  readonly #load: ClientProcess;
  readonly #subjects: Subjects;

  private constructor(server: Server, load: ClientProcess, subjects: Subjects) {
    this.#server = server;
    this.#load = load;
    this.#subjects = subjects;
  }

  static async open(server: Server): Promise<Crowd> {
    const names = Array.from({ length: SUBJECTS }, (_, index) => `subject-${index}`);
    const users = await makeUsers(server, names);
    const load = new ClientProcess();
    await open(server, load, 'watcher-', WATCHERS, users);
    return new Crowd(server, load, new Subjects(server.target, names));
  }

  async deliver(): Promise<Work> {
    const { pid } = this.#server;
    const before = cpuSeconds(pid);
    let operations = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      await this.#subjects.change(ALL.perSecond, ALL.seconds, seededRandom(1));
      operations += await this.#collect(SUBJECTS * WATCHERS);
    }
    return { operations, cpuSeconds: cpuSeconds(pid) - before };
  }

  async #collect(expected: number): Promise<number> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let count = 0; ;) {
      count += (await this.#load.request({ do: 'collect' })).at.length;
      if (count >= expected) return count;
      if (performance.now() > deadline) throw new Error(`${count} of ${expected} deliveries`);
      await delay(20);
    }
  }

  async stop(): Promise<void> {
    this.#subjects.stop();
    await this.#load.stop();
  }
}

async function connectAll(server: Server, prefix: string): Promise<Work> {
  const load = new ClientProcess();
  try {
    const before = cpuSeconds(server.pid);
    await open(server, load, prefix, CLIENTS, []);
    return { operations: CLIENTS, cpuSeconds: cpuSeconds(server.pid) - before };
  } finally {
    await load.stop();
  }
}

async function open(
  { target }: Server,
  load: ClientProcess,
  prefix: string,
  count: number,
  users: readonly string[],
): Promise<void> {
  const watched = users.length === 0 ? [] : [{ users, each: users.length }];
  const { failed } = await load.request({ do: 'open', target, prefix, count, ...PACE, watched });
  if (failed > 0) throw new Error(`${failed} of ${count} clients failed`);
}

async function withServers(use: (ours: Server, bare: Server) => Promise<number>): Promise<number> {
  const ours = await startService();
  try {
    const bare = await startPlain();
    try {
      return await use(ours, bare);
    } finally {
      await bare.stop();
    }
  } finally {
    await ours.stop();
  }
}
