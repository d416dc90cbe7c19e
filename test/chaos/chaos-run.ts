import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../support/program.ts';
import { ChaosClient, type ClientEnvironment } from './chaos-client.ts';
import { Cluster } from './cluster.ts';
import { Observations, type OnlineState } from './observations.ts';
import type { Attempt, Bounds } from './oracle.ts';
import { makePlan, type ChaosOptions, type ClientStep, type ClusterStep } from './plan.ts';
import { Random } from './random.ts';
import {
  check,
  type Evidence,
  type Violation,
  type TimelineInterval,
  type CheckResult,
} from './checker.ts';

/** Interval between reads of every User at each process, in milliseconds. */
const READ_INTERVAL_MS = 250;
/** Longest time until a change is visible in reads, in milliseconds. */
const VISIBLE_MS = 2_000;
/**
 * Longest time after a node died that its clients may be shown online. With few clients, their number adds nothing.
 */
const LEASE_AND_MARGIN_MS = 7_000 + 1_000;

/** Most Users that one connection may watch, by the default settings. */
const MAX_WATCHED = 5_000;

export interface ChaosResult extends CheckResult {
  readonly evidence: Evidence;
  readonly connections: number;
  readonly readings: number;
  readonly views: number;
  /** Warnings and errors that the processes printed. */
  readonly stderr: string;
  readonly skippedPauses: number;
}

/** One run: starts a cluster and its clients, carries out the plan, and checks the result. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #log: (line: string) => void;
  readonly #cluster: Cluster;
  readonly #attempts: Attempt[] = [];
  readonly #observations = new Observations();
  readonly #violations: Violation[] = [];
  readonly #environment: ClientEnvironment;
  readonly #clients = new Map<string, ChaosClient>();
  /** One watcher of all Users on each node, with no faults of its own. */
  readonly #observers: readonly ChaosClient[];
  readonly #versions = new Map<string, string>();
  #pendingSteps: Promise<unknown>[] = [];
  #faultsEnded = false;
  #isOver = false;
  #skippedPauses = 0;
  #storms = 0;

  private constructor(options: ChaosOptions, cluster: Cluster, log: (line: string) => void) {
    this.#options = options;
    this.#cluster = cluster;
    this.#log = log;
    this.#environment = {
      proxies: cluster.proxies,
      attempts: this.#attempts,
      token: (identity, ttlSeconds) => cluster.token(identity, ttlSeconds),
      onChange: (watcher, identity, isOnline) =>
        this.#observations.record(watcher, identity, isOnline),
      onViolation: (what) => this.#addViolation('', 'socket', what),
    };
    this.#observers = cluster.nodes.map(
      (_, node) =>
        new ChaosClient(`observer-${node}`, this.#environment, this.#random(`w${node}`), [node]),
    );
  }

  /** @param log receives a line for each step */
  static async execute(options: ChaosOptions, log: (line: string) => void): Promise<ChaosResult> {
    const cluster = await Cluster.start(options);
    try {
      return await new ChaosRun(options, cluster, log).#execute();
    } finally {
      await cluster.stop();
    }
  }

  async #execute(): Promise<ChaosResult> {
    const plan = makePlan(this.#options);
    const identities = plan.clients.map(({ identity }) => identity);
    for (const observer of this.#observers) {
      observer.connect();
      observer.watch(identities);
    }
    for (const { identity, watched } of plan.clients) {
      const client = new ChaosClient(identity, this.#environment, this.#random(identity));
      this.#clients.set(identity, client);
      client.watch(watched);
      client.connect();
    }
    const startedAt = Date.now();
    const reading = this.#readContinuously();
    const steps = [
      ...plan.clients.flatMap(({ identity, steps }) =>
        steps.map(({ at, step }) => ({ at, run: () => this.#applyClientStep(identity, step) })),
      ),
      ...plan.cluster.map(({ at, step }) => ({ at, run: () => this.#applyClusterStep(step) })),
    ].sort((a, b) => a.at - b.at);
    for (const { at, run } of steps) {
      await delay(Math.max(0, startedAt + at - Date.now()));
      run();
    }
    await delay(Math.max(0, startedAt + this.#options.minutes * 60_000 - Date.now()));
    await Promise.all(this.#pendingSteps);
    await Promise.all(this.#cluster.nodes.map((node) => node.idle()));
    this.#log('all faults end; waiting until all nodes and watchers agree');
    this.#faultsEnded = true;
    for (const client of this.#clients.values()) client.unstall();
    const agreement = await this.#waitForAgreement();
    this.#isOver = true;
    await reading;
    const until = Date.now();
    const timeline = await this.#timeline(agreement);
    for (const client of this.#allClients()) client.disconnect('abrupt');
    const evidence: Evidence = {
      attempts: this.#attempts,
      outages: this.#cluster.nodes.map(({ outages }) => outages),
      observations: this.#observations,
      timeline,
      protocolViolations: this.#violations,
      until,
      observers: new Set(this.#observers.map(({ identity }) => identity)),
    };
    return {
      ...check(evidence, this.#bounds()),
      evidence,
      connections: this.#attempts.filter(({ readyAt }) => readyAt !== null).length,
      readings: this.#observations.readings.length,
      views: this.#observations.views(until).length,
      stderr: this.#cluster.nodes.map(({ stderr }) => stderr).join(''),
      skippedPauses: this.#skippedPauses,
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

  #addViolation(user: string, where: string, what: string): void {
    this.#violations.push({ user, where, what });
  }

  #allClients(): ChaosClient[] {
    return [...this.#clients.values(), ...this.#observers];
  }

  #applyClientStep(identity: string, step: ClientStep): void {
    const client = this.#clients.get(identity);
    switch (step.do) {
      case 'leave':
        client?.disconnect(step.how);
        setTimeout(() => {
          if (!this.#faultsEnded) client?.connect();
        }, step.awayMs);
        break;
      case 'lose':
        client?.dropSocket(step.how);
        break;
      case 'stall':
        client?.stall(step.ms);
        break;
      case 'slow':
        client?.slowDown(step.ms);
        break;
      case 'lose server':
        client?.dropServerSide();
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

  #applyClusterStep(step: ClusterStep): void {
    this.#log(JSON.stringify(step));
    switch (step.do) {
      case 'kill':
        this.#pendingSteps.push(this.#node(step.node).kill(step.ms));
        break;
      case 'pause':
        this.#pendingSteps.push(this.#pause(step.node, step.ms));
        break;
      case 'restart':
        this.#pendingSteps.push(this.#node(step.node).restart());
        break;
      case 'cut all':
        for (const client of this.#attachedTo(step.node)) client.dropSocket('abrupt');
        break;
      case 'stall all':
        for (const client of this.#attachedTo(step.node)) client.stall(step.ms);
        break;
      case 'storm':
        this.#pendingSteps.push(this.#storm(step.clients, step.ms));
    }
  }

  #node(number: number) {
    const node = this.#cluster.nodes[number];
    if (node === undefined) throw new RangeError(`Unknown node ${number}`);
    return node;
  }

  async #pause(number: number, ms: number): Promise<void> {
    if (await this.#node(number).pause(ms)) return;
    this.#skippedPauses += 1;
    this.#log(`node ${number} held a lock at every attempt and was not paused`);
  }

  #attachedTo(node: number): ChaosClient[] {
    return [...this.#clients.values()].filter(
      ({ attachedAttempt: attached }) => attached?.node === node,
    );
  }

  /** Connects many new clients at once, and later disconnects them at once, in all ways. */
  async #storm(count: number, ms: number): Promise<void> {
    const storm = this.#storms++;
    const random = this.#random(`storm ${storm}`);
    const known = [...this.#clients.keys()];
    const clients = Array.from({ length: count }, (_, index) => {
      const identity = `storm-${storm}-${index}`;
      return new ChaosClient(identity, this.#environment, this.#random(identity));
    });
    for (const client of clients) {
      this.#clients.set(client.identity, client);
      client.watch(random.some(known, 3));
      client.connect();
    }
    for (const observer of this.#observers) {
      if (observer.watched.size + count > MAX_WATCHED) continue;
      observer.watch(clients.map(({ identity }) => identity));
    }
    await delay(ms);
    for (const client of clients)
      client.disconnect(random.pick(['clean', 'abrupt', 'silent'] as const));
  }

  async #readContinuously(): Promise<void> {
    await Promise.all(
      this.#cluster.nodes.map(async (node, number) => {
        while (!this.#isOver) {
          const program = node.running;
          if (program !== null) await this.#readAt(number, program);
          await delay(READ_INTERVAL_MS);
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
          this.#addViolation(user, `node ${node}`, `version ${version} after ${before}`);
        if (version > (this.#versions.get(user) ?? '')) this.#versions.set(user, version);
      }
    } catch (error) {
      // Only a process that runs must answer.
      await delay(50);
      const { outages } = this.#node(node);
      if (outages.some((outage) => outage.to >= from)) return;
      this.#addViolation('', `node ${node}`, `read failed: ${String(error)}`);
    }
  }

  /** Waits, up to the bound, until every node and watcher shows exactly the attached clients online. */
  async #waitForAgreement(): Promise<Agreement> {
    const { stalenessMs, nodeLostMs } = this.#bounds();
    const deadline = Date.now() + Math.max(stalenessMs, nodeLostMs) + VISIBLE_MS;
    const lastDeadline = deadline + 60_000;
    for (;;) {
      const expected = this.#expected();
      const at = Date.now();
      const violations = await this.#disagreements(expected);
      if (violations.length === 0) return { at, expected };
      if (Date.now() > deadline && (Date.now() > lastDeadline || this.#allAttached())) {
        this.#violations.push(...violations);
        return { at, expected };
      }
      await delay(500);
    }
  }

  /** For each User that ever had a Connection, whether it is attached now. */
  #expected(): Map<string, boolean> {
    const expected = new Map<string, boolean>();
    for (const {
      identity,
      attachedAttempt: attached,
      wasReady: everReady,
    } of this.#clients.values()) {
      if (everReady) expected.set(identity, attached !== null);
    }
    return expected;
  }

  #allAttached(): boolean {
    return this.#allClients().every(
      ({ shouldBeConnected: wanted, attachedAttempt: attached }) => wanted === (attached !== null),
    );
  }

  async #disagreements(expected: ReadonlyMap<string, boolean>): Promise<Violation[]> {
    const violations: Violation[] = [];
    const compare = (user: string, where: string, isOnline: OnlineState | undefined) => {
      const isExpectedOnline = expected.get(user);
      if (isExpectedOnline === undefined || isOnline === isExpectedOnline) return;
      violations.push({
        user,
        where,
        what: `${isOnline} at the end, expected ${isExpectedOnline}`,
      });
    };
    for (const [number, node] of this.#cluster.nodes.entries()) {
      if (node.program === null) throw new Error(`Node ${number} is not running`);
      const users = await this.#cluster.readAll(node.program, [...expected.keys()]);
      for (const user of expected.keys())
        compare(user, `node ${number}`, users.get(user)?.isOnline);
    }
    for (const watcher of this.#allClients()) {
      if (watcher.attachedAttempt === null) continue;
      for (const user of watcher.watched) {
        compare(user, `watcher ${watcher.identity}`, watcher.watchList.get(user)?.isOnline);
      }
    }
    return violations;
  }

  /** Reads the recorded history, which must agree with what was shown during the run and is shown now. */
  async #timeline({ at, expected }: Agreement): Promise<TimelineInterval[]> {
    const program = this.#node(0).program;
    if (program === null) throw new Error('Node 0 is not running');
    const timeline: TimelineInterval[] = [];
    const query = `?AsOf=${new Date(at).toISOString()}`;
    for (const [user, isExpectedOnline] of expected) {
      const asOf = await this.#cluster.read(program, user, query);
      if (asOf !== isExpectedOnline)
        this.#addViolation(user, 'as-of', `${asOf} at the end, expected ${isExpectedOnline}`);
      for (const { from, until, isOnline } of await this.#cluster.history(program, user)) {
        const to = until === null ? Date.now() : Date.parse(until);
        timeline.push({ user, isOnline, from: Date.parse(from), to });
      }
    }
    return timeline;
  }
}

/** When all nodes and watchers agreement (or the time for it ran out), and the expected states. */
interface Agreement {
  readonly at: number;
  readonly expected: ReadonlyMap<string, boolean>;
}
