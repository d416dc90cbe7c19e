import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../support/program.ts';
import { waitForAgreement, type Agreement } from './agreement.ts';
import { Cluster } from './cluster.ts';
import { Crowd, differences } from './crowd.ts';
import type { Bounds } from './oracle.ts';
import { followEach } from './feed-follower.ts';
import { makePlan, type ChaosOptions, type ClusterStep } from './plan.ts';
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

export interface ChaosResult extends CheckResult {
  readonly evidence: Evidence;
  readonly connections: number;
  readonly readings: number;
  readonly views: number;
  /** Events that readers of the change feed got. */
  readonly fed: number;
  readonly feedReconnects: number;
  /** Warnings and errors that the processes printed. */
  readonly stderr: string;
  readonly skippedPauses: number;
}

/** One run: starts a cluster and its clients, carries out the plan, and checks the result. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #log: (line: string) => void;
  readonly #cluster: Cluster;
  readonly #crowd: Crowd;
  readonly #versions = new Map<string, string>();
  #pendingSteps: Promise<unknown>[] = [];
  #isOver = false;
  #skippedPauses = 0;

  private constructor(options: ChaosOptions, cluster: Cluster, log: (line: string) => void) {
    this.#options = options;
    this.#cluster = cluster;
    this.#log = log;
    const { reader, proxies } = cluster;
    this.#crowd = new Crowd(options.seed, proxies, (identity, ttl) => reader.token(identity, ttl));
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
    const feeds = followEach(this.#cluster.reader, this.#cluster.proxies);
    await Promise.all(feeds.map((feed) => feed.started()));
    this.#crowd.begin(plan.clients);
    const startedAt = Date.now();
    const reading = this.#readContinuously();
    const steps = [
      ...plan.clients.flatMap(({ identity, steps }) =>
        steps.map(({ at, step }) => ({ at, run: () => this.#crowd.apply(identity, step) })),
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
    this.#crowd.endFaults();
    const agreement = await this.#waitForAgreement();
    this.#isOver = true;
    await reading;
    const until = Date.now();
    const timeline = await this.#timeline(agreement);
    for (const feed of feeds) {
      this.#crowd.violations.push(...(await feed.violations(agreement.expected)));
      await feed.end();
    }
    this.#crowd.disconnect();
    const { attempts, observations, violations, observers } = this.#crowd;
    const evidence: Evidence = {
      attempts,
      outages: this.#cluster.nodes.map(({ outages }) => outages),
      observations,
      timeline,
      protocolViolations: violations,
      until,
      observers,
    };
    return {
      ...check(evidence, this.#bounds()),
      evidence,
      connections: attempts.filter(({ readyAt }) => readyAt !== null).length,
      readings: observations.readings.length,
      views: observations.views(until).length,
      fed: feeds.reduce((sum, { events }) => sum + events.length, 0),
      feedReconnects: feeds.reduce((sum, { reconnects }) => sum + reconnects, 0),
      stderr: this.#cluster.nodes.map(({ stderr }) => stderr).join(''),
      skippedPauses: this.#skippedPauses,
    };
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
    this.#crowd.violations.push({ user, where, what });
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
        this.#crowd.cutAll(step.node);
        break;
      case 'stall all':
        this.#crowd.stallAll(step.node, step.ms);
        break;
      case 'storm':
        this.#pendingSteps.push(this.#crowd.storm(step.clients, step.ms));
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
      const { users } = await this.#cluster.reader.readAll(program, this.#crowd.identities);
      this.#crowd.observations.readings.push({ node, from, to: Date.now(), users });
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

  async #waitForAgreement(): Promise<Agreement> {
    const { stalenessMs, nodeLostMs } = this.#bounds();
    const shown = {
      isSettled: () => this.#crowd.isSettled(),
      expected: () => this.#crowd.expected(),
      disagreements: (expected: ReadonlyMap<string, boolean>) => this.#disagreements(expected),
    };
    const agreement = await waitForAgreement(shown, Math.max(stalenessMs, nodeLostMs) + VISIBLE_MS);
    this.#crowd.violations.push(...agreement.violations);
    return agreement;
  }

  async #disagreements(expected: ReadonlyMap<string, boolean>): Promise<Violation[]> {
    const violations = this.#crowd.disagreements(expected);
    for (const [number, { program }] of this.#cluster.nodes.entries()) {
      if (program === null) throw new Error(`Node ${number} is not running`);
      const { users } = await this.#cluster.reader.readAll(program, [...expected.keys()]);
      violations.push(
        ...differences(`node ${number}`, expected, (user) => users.get(user)?.isOnline),
      );
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
      const asOf = await this.#cluster.reader.read(program, user, query);
      if (asOf !== isExpectedOnline)
        this.#addViolation(user, 'as-of', `${asOf} at the end, expected ${isExpectedOnline}`);
      for (const { from, until, isOnline } of await this.#cluster.reader.history(program, user)) {
        const to = until === null ? Date.now() : Date.parse(until);
        timeline.push({ user, isOnline, from: Date.parse(from), to });
      }
    }
    return timeline;
  }
}
