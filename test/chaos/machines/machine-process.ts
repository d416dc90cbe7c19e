import { setTimeout as delay } from 'node:timers/promises';
import { startProgram, type Program } from '../../support/program.ts';
import type { Outage } from '../oracle.ts';
import type { TcpProxy } from '../tcp-proxy.ts';
import { canBeWritten } from '../write-locks.ts';
import type { ProcessName, StoreName } from './machines-plan.ts';

/** Interval at which a supervisor looks whether the process still runs, in milliseconds. */
const SUPERVISION_MS = 200;
/** Most attempts to suspend a process while it holds no lock on a shared file. */
const FREEZE_ATTEMPTS = 200;
/** Longest time until a running process is ready, in milliseconds. */
const READY_TIMEOUT_MS = 120_000;

export interface MachineProcessOptions {
  readonly name: ProcessName;
  /** Its own folder, or one that processes share with the embedded store. */
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** The process's own proxy in front of each store that it reaches by network. */
  readonly links: ReadonlyMap<StoreName, TcpProxy>;
  /** Called when the process ends although nobody stopped it. */
  readonly onSelfEnd: (what: string, from: number) => void;
}

/** One process on a machine of its own, under a supervisor that starts it again whenever it ends. */
export class MachineProcess {
  readonly name: ProcessName;
  readonly outages: { from: number; to: number; kind: Outage['kind'] }[] = [];
  readonly #options: MachineProcessOptions;
  #program: Program | null = null;
  #port = 0;
  #isFrozen = false;
  #isStopped = false;
  /** Runs requested steps one after another. */
  #queue: Promise<void> = Promise.resolve();
  #supervision: Promise<void> = Promise.resolve();
  output = '';

  constructor(options: MachineProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The process, frozen or not; null while it is down or starts. */
  get program(): Program | null {
    return this.#program;
  }

  /** Where the process listens, or listened last: each start takes a port that is free then. */
  get port(): number {
    return this.#port;
  }

  /** The process; null while it is down or frozen. */
  get running(): Program | null {
    return this.#isFrozen ? null : this.#program;
  }

  /** Starts the process and its supervisor. Settles when the process is ready. */
  async start(): Promise<void> {
    await this.#startProgram();
    this.#supervision = this.#supervise();
  }

  /** Kills the process with SIGKILL and starts it again after `downMs`. */
  kill(downMs: number): Promise<void> {
    return this.#enqueue(async () => {
      this.#beginOutage('killed');
      await this.#endProgram((program) => program.kill());
      await delay(downMs);
      await this.#startProgram();
    });
  }

  /** Stops the process with SIGTERM and starts it again. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      this.#beginOutage('stopped');
      await this.#endProgram((program) => program.stop());
      await this.#startProgram();
    });
  }

  /**
   * Suspends the process for `ms` with SIGSTOP and SIGCONT, at a moment when it holds no lock on a shared file: there
   * the others would wait for it.
   *
   * @returns false if it held a lock at every attempt
   */
  async freeze(ms: number): Promise<boolean> {
    let isDone = false;
    await this.#enqueue(async () => {
      const pid = this.#program?.pid;
      if (pid === undefined) return;
      const from = await this.#suspend(pid);
      if (from === null) return;
      isDone = true;
      this.outages.push({ from, to: from + ms, kind: 'paused' });
      await delay(ms - (Date.now() - from));
      process.kill(pid, 'SIGCONT');
      this.#isFrozen = false;
    });
    return isDone;
  }

  /** Lets nothing through between the process and these stores for `ms`. Neither end is told. */
  async cut(stores: readonly StoreName[], ms: number): Promise<void> {
    const links = stores.flatMap((store) => this.#options.links.get(store) ?? []);
    const outage = { from: Date.now(), to: Infinity, kind: 'cut' as const };
    this.outages.push(outage);
    for (const link of links) link.cut();
    await delay(ms);
    for (const link of links) link.restore();
    outage.to = Date.now();
  }

  /** Settles when all requested steps are done. */
  idle(): Promise<void> {
    return this.#queue;
  }

  /** Stops the process with SIGTERM, and its supervisor. */
  async stop(): Promise<void> {
    await this.#queue;
    this.#isStopped = true;
    await this.#supervision;
    await this.#endProgram((program) => program.stop());
  }

  async #supervise(): Promise<void> {
    while (!this.#isStopped) {
      await delay(SUPERVISION_MS);
      if (this.#program?.hasEnded !== true) continue;
      await this.#enqueue(async () => {
        if (this.#program?.hasEnded !== true) return;
        const from = Date.now();
        this.#beginOutage('killed');
        await this.#endProgram((program) => program.kill());
        this.#options.onSelfEnd(`${this.name} ended by itself`, from);
        await this.#startProgram();
      });
    }
  }

  /** Starts the program, again and again while it cannot start, and waits until it is ready. */
  async #startProgram(): Promise<void> {
    const { dataDir, env } = this.#options;
    for (;;) {
      const from = Date.now();
      try {
        this.#program = await startProgram({ dataDir, env, untilReady: false });
        this.#port = Number(new URL(this.#program.url).port);
        break;
      } catch (error) {
        this.output += `${String(error)}\n`;
        this.#options.onSelfEnd(`${this.name} did not start: ${String(error)}`, from);
        if (this.outages.length === 0) throw error;
        await delay(SUPERVISION_MS);
      }
    }
    await this.#untilReady(this.#program);
    const outage = this.outages.findLast(({ kind }) => kind === 'killed' || kind === 'stopped');
    if (outage?.to === Infinity) outage.to = Date.now();
  }

  async #untilReady(program: Program): Promise<void> {
    const from = Date.now();
    while (!program.hasEnded && !(await isReady(program))) {
      if (Date.now() - from > READY_TIMEOUT_MS) {
        this.#options.onSelfEnd(`${this.name} did not become ready`, from);
        return;
      }
      await delay(50);
    }
  }

  async #suspend(pid: number): Promise<number | null> {
    for (let attempt = 0; attempt < FREEZE_ATTEMPTS; attempt += 1) {
      this.#isFrozen = true;
      const from = Date.now();
      process.kill(pid, 'SIGSTOP');
      if (canBeWritten(this.#options.dataDir)) return from;
      process.kill(pid, 'SIGCONT');
      this.#isFrozen = false;
      await delay(5 + attempt);
    }
    return null;
  }

  #beginOutage(kind: 'killed' | 'stopped'): void {
    this.outages.push({ from: Date.now(), to: Infinity, kind });
  }

  async #endProgram(end: (program: Program) => Promise<unknown>): Promise<void> {
    const program = this.#program;
    this.#program = null;
    if (program === null) return;
    await end(program);
    this.output += program.output.stdout + program.output.stderr;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done;
    return done;
  }
}

async function isReady(program: Program): Promise<boolean> {
  try {
    return (await program.get('/health/ready')).status === 200;
  } catch {
    return false;
  }
}
