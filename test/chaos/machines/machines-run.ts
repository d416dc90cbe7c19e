import { setTimeout as delay } from 'node:timers/promises';
import { waitForAgreement, type Agreement } from '../agreement.ts';
import type { TimelineInterval, Violation } from '../checker.ts';
import { Crowd, differences } from '../crowd.ts';
import { followEach, type FeedFollower } from '../feed-follower.ts';
import type { Bounds } from '../oracle.ts';
import { Random } from '../random.ts';
import {
  compareShown,
  contradictionsOfLog,
  lostWrites,
  replayLog,
  verifyProjections,
} from './end-check.ts';
import type { SelfEnd } from './failures.ts';
import { FaultInjector } from './fault-injector.ts';
import { Gateway } from './gateway.ts';
import type { LogReplay } from './log-replay.ts';
import { Machines } from './machines.ts';
import { makeMachinesPlan, type MachinesOptions, type MachinesPlan } from './machines-plan.ts';
import { machinesResult, type MachinesResult } from './machines-result.ts';
import { Reads } from './reads.ts';
import { missedWebhooks } from './webhook-checker.ts';
import { Writer } from './writer.ts';

/** Longest time until a change is visible in reads, in milliseconds. */
const VISIBLE_MS = 2_000;
/** Longest time after a node died that its clients may be shown online, without their grace period. */
const LEASE_AND_MARGIN_MS = 7_000 + 1_000;
/** Time for webhooks to be delivered after the last fault, in milliseconds. */
const DRAIN_MS = 90_000;

/** Interval between reads of every User at each node, in milliseconds. */
const READ_INTERVAL_MS = 250;

/** Work beside the clients of a plan. */
export interface BackgroundWork {
  /** Begins. Called once all clients of the plan connect. */
  begin(): Promise<void>;
  /** Settles when it has ended. Called when the last fault has ended. */
  end(): Promise<void>;
}

/** What a run is made of. */
export interface RunSetup {
  readonly options: Pick<MachinesOptions, 'seed' | 'minutes' | 'graceSeconds' | 'slackMs'>;
  readonly machines: Machines;
  readonly plan: MachinesPlan;
  /** Ends of processes by themselves, which the machines add. */
  readonly selfEnds: readonly SelfEnd[];
  readonly readIntervalMs: number;
  readonly background: BackgroundWork;
  /** Receives a line for each step. */
  readonly log: (line: string) => void;
}

const NO_WORK: BackgroundWork = {
  begin: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** One run over "machines": carries out the plan, and checks the result. */
export class MachinesRun {
  readonly #options: RunSetup['options'];
  readonly #log: (line: string) => void;
  readonly #plan: MachinesPlan;
  readonly #machines: Machines;
  readonly #crowd: Crowd;
  readonly #gateways: readonly Gateway[];
  readonly #writers: readonly Writer[];
  readonly #reads: Reads;
  readonly #selfEnds: readonly SelfEnd[];
  readonly #injector: FaultInjector;
  readonly #feeds: readonly FeedFollower[];
  readonly #background: BackgroundWork;

  private constructor(setup: RunSetup) {
    const { options, machines, log, plan } = setup;
    this.#options = options;
    this.#machines = machines;
    this.#selfEnds = setup.selfEnds;
    this.#log = log;
    this.#plan = plan;
    this.#background = setup.background;
    const { reader, proxies, apis } = machines;
    const { seed } = options;
    this.#crowd = new Crowd(seed, proxies, (identity, ttl) => reader.token(identity, ttl));
    this.#feeds = followEach(reader, proxies);
    this.#injector = new FaultInjector(machines, this.#crowd, log);
    this.#gateways = this.#plan.gateways.map((plan) => new Gateway(plan, reader.serviceSid, apis));
    this.#writers = this.#plan.written.map(
      (identity) => new Writer(identity, reader.serviceSid, apis, new Random(seed, identity)),
    );
    this.#reads = new Reads(
      reader,
      apis,
      () => [...this.#crowd.identities, ...this.#plan.gateways.map(({ identity }) => identity)],
      setup.readIntervalMs,
    );
  }

  /** @param log receives a line for each step */
  static async execute(
    options: MachinesOptions,
    log: (line: string) => void,
  ): Promise<MachinesResult> {
    const selfEnds: SelfEnd[] = [];
    const { seed, graceSeconds, eventStoreDb } = options;
    const onSelfEnd = (what: string, from: number): void => {
      log(what);
      selfEnds.push({ what, from, to: Date.now() });
    };
    const machines = await Machines.start({ seed, graceSeconds, eventStoreDb, onSelfEnd });
    try {
      return await MachinesRun.executeOn({
        options,
        machines,
        plan: makeMachinesPlan(options),
        selfEnds,
        readIntervalMs: READ_INTERVAL_MS,
        background: NO_WORK,
        log,
      });
    } finally {
      await machines.stop();
    }
  }

  /** Carries out a plan on machines that run. */
  static executeOn(setup: RunSetup): Promise<MachinesResult> {
    return new MachinesRun(setup).#execute();
  }

  async #execute(): Promise<MachinesResult> {
    const users = `/v2/Services/${this.#machines.reader.serviceSid}/Users`;
    const [api] = this.#machines.apis;
    for (const { identity } of [...this.#gateways, ...this.#writers]) {
      await api?.program?.post(users, { Identity: identity });
    }
    await Promise.all(this.#feeds.map((feed) => feed.started()));
    this.#crowd.begin(
      this.#plan.clients,
      this.#gateways.map(({ identity }) => identity),
    );
    const startedAt = Date.now();
    const reading = this.#reads.run();
    const writing = [
      ...this.#gateways.map((gateway) => gateway.run(startedAt)),
      ...this.#writers.map((writer) => writer.run()),
    ];
    await this.#background.begin();
    await this.#carryOut(startedAt);
    await this.#background.end();
    this.#log('all faults have ended; waiting until all agree');
    this.#crowd.endFaults();
    this.#machines.receiver.becomeKind();
    for (const worker of [...this.#gateways, ...this.#writers]) worker.end();
    await Promise.all(writing);
    const agreement = await this.#waitForAgreement();
    this.#reads.end();
    await reading;
    return this.#result(agreement);
  }

  /** Carries out all steps, and settles when their faults have ended. */
  async #carryOut(startedAt: number): Promise<void> {
    const steps = [
      ...this.#plan.clients.flatMap(({ identity, steps: ofClient }) =>
        ofClient.map(({ at, step }) => ({ at, run: () => this.#crowd.apply(identity, step) })),
      ),
      ...this.#plan.faults.map(({ at, step }) => ({ at, run: () => this.#injector.apply(step) })),
    ].sort((a, b) => a.at - b.at);
    for (const { at, run } of steps) {
      await delay(Math.max(0, startedAt + at - Date.now()));
      run();
    }
    await delay(Math.max(0, startedAt + this.#options.minutes * 60_000 - Date.now()));
    await this.#injector.idle();
  }

  #bounds(): Bounds {
    const { graceSeconds, slackMs } = this.#options;
    const graceMs = graceSeconds * 1_000;
    return {
      graceMs,
      stalenessMs: this.#machines.stalenessMs + slackMs,
      nodeLostMs: LEASE_AND_MARGIN_MS + graceMs + slackMs,
      visibleMs: VISIBLE_MS + slackMs,
    };
  }

  /** Whether each User should be online now that all faults have ended: gateways hold nothing any more. */
  #expected(): Map<string, boolean> {
    const opened = this.#gateways.filter(({ sessions }) =>
      sessions.some(({ sid }) => sid !== null),
    );
    return new Map([
      ...this.#crowd.expected(),
      ...opened.map(({ identity }): [string, boolean] => [identity, false]),
    ]);
  }

  #waitForAgreement(): Promise<Agreement> {
    const { stalenessMs, nodeLostMs } = this.#bounds();
    const shown = {
      isSettled: () => this.#crowd.isSettled(),
      expected: () => this.#expected(),
      disagreements: (expected: ReadonlyMap<string, boolean>) => this.#disagreements(expected),
    };
    return waitForAgreement(shown, Math.max(stalenessMs, nodeLostMs) + VISIBLE_MS + 10_000);
  }

  async #disagreements(expected: ReadonlyMap<string, boolean>): Promise<Violation[]> {
    const shown = await compareShown(this.#machines, [...expected.keys()], (name, users) =>
      differences(name, expected, (user) => users.get(user)?.isOnline),
    );
    return [...this.#crowd.disagreements(expected), ...shown];
  }

  async #result(agreement: Agreement): Promise<MachinesResult> {
    const { replay, contradictions, readAt } = await this.#waitForLog();
    const until = Date.now();
    const timeline = await this.#timeline(agreement);
    const acknowledged = {
      attempts: this.#crowd.attempts.filter(({ readyAt }) => readyAt !== null && readyAt < readAt),
      gateways: this.#gateways,
      writers: this.#writers,
    };
    const lost = await lostWrites(this.#machines, replay, acknowledged);
    const differing = await verifyProjections(this.#machines);
    const misfed: Violation[] = [];
    for (const feed of this.#feeds) {
      misfed.push(...(await feed.violations(agreement.expected)));
      await feed.end();
    }
    this.#crowd.disconnect();
    return machinesResult({
      machines: this.#machines,
      crowd: this.#crowd,
      gateways: this.#gateways,
      writers: this.#writers,
      reads: this.#reads,
      selfEnds: this.#selfEnds,
      skipped: this.#injector.skipped,
      bounds: this.#bounds(),
      slackMs: this.#options.slackMs,
      replay,
      timeline,
      until,
      lostWrites: lost,
      wrongEnd: [...agreement.violations, ...contradictions, ...differing, ...misfed],
    });
  }

  /** Waits until every node shows what the log says, and every change was delivered; at most for some time. */
  async #waitForLog(): Promise<{
    readonly replay: LogReplay;
    readonly contradictions: readonly Violation[];
    /** Before the log was read. */
    readonly readAt: number;
  }> {
    const deadline = Date.now() + DRAIN_MS;
    for (;;) {
      const readAt = Date.now();
      const replay = await replayLog(this.#machines);
      const contradictions = await contradictionsOfLog(this.#machines, replay);
      const missed = missedWebhooks(this.#machines.receiver.requests, replay.changes);
      const isDone = contradictions.length === 0 && missed.length === 0;
      if (isDone || Date.now() > deadline) return { replay, contradictions, readAt };
      await delay(500);
    }
  }

  /** Reads the recorded history, which must agree with what was shown during the run and is shown now. */
  async #timeline({ at, expected }: Agreement): Promise<TimelineInterval[]> {
    const { reader, apis } = this.#machines;
    const program = apis[0]?.program ?? null;
    if (program === null) throw new Error('The first api process is not running');
    const timeline: TimelineInterval[] = [];
    const query = `?AsOf=${new Date(at).toISOString()}`;
    for (const [user, isExpectedOnline] of expected) {
      const asOf = await reader.read(program, user, query);
      if (asOf !== isExpectedOnline) {
        const what = `${asOf} at the end, expected ${isExpectedOnline}`;
        this.#crowd.violations.push({ user, where: 'as-of', what });
      }
      for (const { from, until, isOnline } of await reader.history(program, user)) {
        const to = until === null ? Date.now() : Date.parse(until);
        timeline.push({ user, isOnline, from: Date.parse(from), to });
      }
    }
    return timeline;
  }
}
