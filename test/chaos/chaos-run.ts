import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../support/program.ts';
import { ChaosClient, type Surroundings } from './chaos-client.ts';
import { Cluster } from './cluster.ts';
import { Observations, type Shown } from './observations.ts';
import type { Attempt, Bounds } from './oracle.ts';
import { makePlan, type ChaosOptions, type ClientStep, type ClusterStep } from './plan.ts';
import { Random } from './random.ts';
import { judge, type Evidence, type Finding, type ToldSpan, type Verdict } from './verdict.ts';

/** How often each process is asked about every User, in milliseconds. */
const READ_EVERY_MS = 250;
/** Longest that a read may take that is waited for at the end. */
const VISIBLE_MS = 2_000;
/** Longest after a node died that its clients may be shown online; few clients, so nothing is added for their number. */
const LEASE_AND_MARGIN_MS = 7_000 + 1_000;

/** Most Users that one connection may watch, as the service is set by default. */
const MOST_WATCHED = 5_000;

export interface ChaosResult extends Verdict {
  readonly evidence: Evidence;
  readonly connections: number;
  readonly readings: number;
  readonly views: number;
  /** What processes printed that was more than information. */
  readonly stderr: string;
  readonly tooBusyToPause: number;
}

/** One run: the cluster, everybody who uses it, what befalls them, and the judgement. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #say: (line: string) => void;
  readonly #cluster: Cluster;
  readonly #attempts: Attempt[] = [];
  readonly #observations = new Observations();
  readonly #wrong: Finding[] = [];
  readonly #around: Surroundings;
  readonly #clients = new Map<string, ChaosClient>();
  /** Watchers of everybody, one for each node, whom nothing befalls but what befalls their node. */
  readonly #witnesses: readonly ChaosClient[];
  readonly #versions = new Map<string, string>();
  #work: Promise<unknown>[] = [];
  #healing = false;
  #over = false;
  #tooBusyToPause = 0;
  #storms = 0;

  private constructor(options: ChaosOptions, cluster: Cluster, say: (line: string) => void) {
    this.#options = options;
    this.#cluster = cluster;
    this.#say = say;
    this.#around = {
      proxies: cluster.proxies,
      attempts: this.#attempts,
      token: (identity, ttlSeconds) => cluster.token(identity, ttlSeconds),
      shows: (watcher, identity, isOnline) => this.#observations.shows(watcher, identity, isOnline),
      wrong: (what) => this.#note('', 'socket', what),
    };
    this.#witnesses = cluster.nodes.map(
      (_, node) =>
        new ChaosClient(`witness-${node}`, this.#around, this.#random(`w${node}`), [node]),
    );
  }

  /** @param say is told what happens as it happens */
  static async execute(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
    const cluster = await Cluster.start(options);
    try {
      return await new ChaosRun(options, cluster, say).#execute();
    } finally {
      await cluster.stop();
    }
  }

  async #execute(): Promise<ChaosResult> {
    const plan = makePlan(this.#options);
    const identities = plan.clients.map(({ identity }) => identity);
    for (const witness of this.#witnesses) {
      witness.come();
      witness.watch(identities);
    }
    for (const { identity, watched } of plan.clients) {
      const client = new ChaosClient(identity, this.#around, this.#random(identity));
      this.#clients.set(identity, client);
      client.watch(watched);
      client.come();
    }
    const began = Date.now();
    const reading = this.#readAllTheTime();
    const happenings = [
      ...plan.clients.flatMap(({ identity, steps }) =>
        steps.map(({ at, step }) => ({ at, happen: () => this.#befall(identity, step) })),
      ),
      ...plan.cluster.map(({ at, step }) => ({ at, happen: () => this.#disturb(step) })),
    ].sort((a, b) => a.at - b.at);
    for (const { at, happen } of happenings) {
      await delay(Math.max(0, began + at - Date.now()));
      happen();
    }
    await delay(Math.max(0, began + this.#options.minutes * 60_000 - Date.now()));
    await Promise.all(this.#work);
    await Promise.all(this.#cluster.nodes.map((node) => node.settled()));
    this.#say('all faults end; waiting for everybody to agree');
    this.#healing = true;
    for (const client of this.#clients.values()) client.heal();
    const agreed = await this.#agree();
    this.#over = true;
    await reading;
    const until = Date.now();
    const told = await this.#timeline(agreed);
    for (const client of this.#everybody()) client.leave('abrupt');
    const evidence: Evidence = {
      attempts: this.#attempts,
      outages: this.#cluster.nodes.map(({ outages }) => outages),
      observations: this.#observations,
      told,
      wrong: this.#wrong,
      until,
      witnesses: new Set(this.#witnesses.map(({ identity }) => identity)),
    };
    return {
      ...judge(evidence, this.#bounds()),
      evidence,
      connections: this.#attempts.filter(({ readyAt }) => readyAt !== null).length,
      readings: this.#observations.readings.length,
      views: this.#observations.views(until).length,
      stderr: this.#cluster.nodes.map(({ stderr }) => stderr).join(''),
      tooBusyToPause: this.#tooBusyToPause,
    };
  }

  #random(name: string): Random {
    return new Random(this.#options.seed, `client ${name}`);
  }

  #bounds(): Bounds {
    const { graceSeconds, slackMs } = this.#options;
    const graceMs = graceSeconds * 1_000;
    return {
      graceMs,
      stalenessMs: this.#cluster.stalenessMs + slackMs,
      nodeLostMs: LEASE_AND_MARGIN_MS + graceMs + slackMs,
      visibleMs: VISIBLE_MS + slackMs,
    };
  }

  #note(user: string, where: string, what: string): void {
    this.#wrong.push({ user, where, what });
  }

  #everybody(): ChaosClient[] {
    return [...this.#clients.values(), ...this.#witnesses];
  }

  #befall(identity: string, step: ClientStep): void {
    const client = this.#clients.get(identity);
    switch (step.do) {
      case 'leave':
        client?.leave(step.how);
        setTimeout(() => {
          if (!this.#healing) client?.come();
        }, step.awayMs);
        break;
      case 'lose':
        client?.lose(step.how);
        break;
      case 'stall':
        client?.stall(step.ms);
        break;
      case 'slow':
        client?.slowDown(step.ms);
        break;
      case 'lose server':
        client?.loseServer();
        break;
      case 'expire':
        client?.expireIn(step.seconds);
        break;
      case 'watch':
        client?.watch(step.users);
        break;
      case 'unwatch':
        client?.unwatch(step.users);
    }
  }

  #disturb(step: ClusterStep): void {
    this.#say(JSON.stringify(step));
    switch (step.do) {
      case 'kill':
        this.#work.push(this.#node(step.node).kill(step.ms));
        break;
      case 'pause':
        this.#work.push(this.#pause(step.node, step.ms));
        break;
      case 'restart':
        this.#work.push(this.#node(step.node).restart());
        break;
      case 'cut all':
        for (const client of this.#attachedTo(step.node)) client.lose('abrupt');
        break;
      case 'stall all':
        for (const client of this.#attachedTo(step.node)) client.stall(step.ms);
        break;
      case 'storm':
        this.#work.push(this.#storm(step.clients, step.ms));
    }
  }

  #node(number: number) {
    const node = this.#cluster.nodes[number];
    if (node === undefined) throw new RangeError(`There is no node ${number}`);
    return node;
  }

  async #pause(number: number, ms: number): Promise<void> {
    if (await this.#node(number).pause(ms)) return;
    this.#tooBusyToPause += 1;
    this.#say(`node ${number} held a lock whenever it was stopped, and was not paused`);
  }

  #attachedTo(node: number): ChaosClient[] {
    return [...this.#clients.values()].filter(({ attached }) => attached?.node === node);
  }

  /** Many new clients at once, who all leave at once, in every way that there is. */
  async #storm(count: number, ms: number): Promise<void> {
    const storm = this.#storms++;
    const random = this.#random(`storm ${storm}`);
    const known = [...this.#clients.keys()];
    const clients = Array.from({ length: count }, (_, index) => {
      const identity = `storm-${storm}-${index}`;
      return new ChaosClient(identity, this.#around, this.#random(identity));
    });
    for (const client of clients) {
      this.#clients.set(client.identity, client);
      client.watch(random.some(known, 3));
      client.come();
    }
    for (const witness of this.#witnesses) {
      if (witness.watched.size + count > MOST_WATCHED) continue;
      witness.watch(clients.map(({ identity }) => identity));
    }
    await delay(ms);
    for (const client of clients) client.leave(random.pick(['clean', 'abrupt', 'silent'] as const));
  }

  async #readAllTheTime(): Promise<void> {
    await Promise.all(
      this.#cluster.nodes.map(async (node, number) => {
        while (!this.#over) {
          const program = node.running;
          if (program !== null) await this.#readAt(number, program);
          await delay(READ_EVERY_MS);
        }
      }),
    );
  }

  async #readAt(node: number, program: Program): Promise<void> {
    const from = Date.now();
    const floor = new Map(this.#versions);
    try {
      const users = await this.#cluster.readAll(program, [...this.#clients.keys()]);
      this.#observations.readings.push({ node, from, to: Date.now(), users });
      for (const [user, { version }] of users) {
        const before = floor.get(user) ?? '';
        if (version < before)
          this.#note(user, `node ${node}`, `version ${version} after ${before}`);
        if (version > (this.#versions.get(user) ?? '')) this.#versions.set(user, version);
      }
    } catch (error) {
      // A process that dies or stops does not answer. One that runs has to.
      await delay(50);
      const { outages } = this.#node(node);
      if (outages.some((outage) => outage.to >= from)) return;
      this.#note('', `node ${node}`, `a read failed: ${String(error)}`);
    }
  }

  /** Whoever is attached is to be shown online, and nobody else, everywhere; within the bound at most. */
  async #agree(): Promise<Agreement> {
    const { stalenessMs, nodeLostMs } = this.#bounds();
    const deadline = Date.now() + Math.max(stalenessMs, nodeLostMs) + VISIBLE_MS;
    const patience = deadline + 60_000;
    for (;;) {
      const expected = this.#expected();
      const at = Date.now();
      const wrong = await this.#disagreements(expected);
      if (wrong.length === 0) return { at, expected };
      if (Date.now() > deadline && (Date.now() > patience || this.#allAttached())) {
        this.#wrong.push(...wrong);
        return { at, expected };
      }
      await delay(500);
    }
  }

  /** Whether each User that ever had a Connection is there. */
  #expected(): Map<string, boolean> {
    const expected = new Map<string, boolean>();
    for (const { identity, attached, everReady } of this.#clients.values()) {
      if (everReady) expected.set(identity, attached !== null);
    }
    return expected;
  }

  #allAttached(): boolean {
    return this.#everybody().every(({ wanted, attached }) => wanted === (attached !== null));
  }

  async #disagreements(expected: ReadonlyMap<string, boolean>): Promise<Finding[]> {
    const wrong: Finding[] = [];
    const compare = (user: string, where: string, shown: Shown | undefined) => {
      const truth = expected.get(user);
      if (truth === undefined || shown === truth) return;
      wrong.push({ user, where, what: `${shown} in the end, where ${truth} is true` });
    };
    for (const [number, node] of this.#cluster.nodes.entries()) {
      if (node.program === null) throw new Error(`Node ${number} does not run`);
      const users = await this.#cluster.readAll(node.program, [...expected.keys()]);
      for (const user of expected.keys()) compare(user, `node ${number}`, users.get(user)?.shown);
    }
    for (const watcher of this.#everybody()) {
      if (watcher.attached === null) continue;
      for (const user of watcher.watched) {
        compare(user, `watcher ${watcher.identity}`, watcher.known.get(user)?.isOnline);
      }
    }
    return wrong;
  }

  /** What the service tells of the past, which must agree with what it showed then and shows now. */
  async #timeline({ at, expected }: Agreement): Promise<ToldSpan[]> {
    const program = this.#node(0).program;
    if (program === null) throw new Error('Node 0 does not run');
    const told: ToldSpan[] = [];
    const query = `?AsOf=${new Date(at).toISOString()}`;
    for (const [user, truth] of expected) {
      const asOf = await this.#cluster.read(program, user, query);
      if (asOf !== truth) this.#note(user, 'as-of', `${asOf} in the end, where ${truth} is true`);
      for (const { from, until, shown } of await this.#cluster.history(program, user)) {
        const to = until === null ? Date.now() : Date.parse(until);
        told.push({ user, shown, from: Date.parse(from), to });
      }
    }
    return told;
  }
}

/** When everybody agreed, or the time for that was over, and on what. */
interface Agreement {
  readonly at: number;
  readonly expected: ReadonlyMap<string, boolean>;
}
