import { setTimeout as delay } from 'node:timers/promises';
import { startProgram, type Program } from '../support/program.ts';
import type { Outage } from './oracle.ts';
import { canBeWritten } from './write-locks.ts';

/** Most attempts to suspend a process while it holds no lock. */
const PAUSE_ATTEMPTS = 200;

/** One api process of a cluster. It keeps its port and data across restarts and records its outages. */
export class ApiNode {
  readonly number: number;
  readonly port: number;
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #outages: { from: number; to: number; kind: Outage['kind'] }[] = [];
  #program: Program | null = null;
  #paused = false;
  /** Runs requested steps one after another. */
  #queue: Promise<void> = Promise.resolve();
  stderr = '';

  constructor(
    number: number,
    port: number,
    dataDir: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.number = number;
    this.port = port;
    this.#dataDir = dataDir;
    this.#env = env;
  }

  get outages(): readonly Outage[] {
    return this.#outages;
  }

  /** The process; null while it is down or paused. */
  get running(): Program | null {
    return this.#paused ? null : this.#program;
  }

  /** The process, paused or not; null while it is down. */
  get program(): Program | null {
    return this.#program;
  }

  async start(): Promise<void> {
    this.#program = await startProgram({
      dataDir: this.#dataDir,
      env: { ...this.#env, PORT: String(this.port) },
    });
    const last = this.#outages.at(-1);
    if (last !== undefined && last.to === Infinity) last.to = Date.now();
  }

  /** Kills the process with SIGKILL and starts it again after `downMs`. */
  kill(downMs: number): Promise<void> {
    return this.#enqueue(async () => {
      this.#outages.push({ from: Date.now(), to: Infinity, kind: 'killed' });
      await this.#endProcess((program) => program.kill());
      await delay(downMs);
      await this.start();
    });
  }

  /** Stops the process with SIGTERM and starts it again. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      await this.stop();
      await this.start();
    });
  }

  /** Stops the process with SIGTERM. */
  async stop(): Promise<void> {
    this.#outages.push({ from: Date.now(), to: Infinity, kind: 'stopped' });
    await this.#endProcess(async (program) => {
      const code = await program.stop();
      if (code !== 0) this.stderr += `Exit code ${code}\n`;
    });
  }

  /**
   * Suspends the process for `ms` with SIGSTOP and SIGCONT, at a moment when it holds no lock on a shared file.
   *
   * @returns false if it held a lock at every attempt
   */
  async pause(ms: number): Promise<boolean> {
    let paused = false;
    await this.#enqueue(async () => {
      const pid = this.#program?.pid;
      if (pid === undefined) return;
      const from = await this.#suspendOutsideOfWrites(pid);
      if (from === null) return;
      paused = true;
      this.#outages.push({ from, to: from + ms, kind: 'paused' });
      await delay(ms - (Date.now() - from));
      process.kill(pid, 'SIGCONT');
      this.#paused = false;
    });
    return paused;
  }

  /** Settles when all requested steps are done. */
  idle(): Promise<void> {
    return this.#queue;
  }

  async #suspendOutsideOfWrites(pid: number): Promise<number | null> {
    for (let attempt = 0; attempt < PAUSE_ATTEMPTS; attempt += 1) {
      this.#paused = true;
      const from = Date.now();
      process.kill(pid, 'SIGSTOP');
      if (canBeWritten(this.#dataDir)) return from;
      process.kill(pid, 'SIGCONT');
      this.#paused = false;
      await delay(5 + attempt);
    }
    return null;
  }

  async #endProcess(end: (program: Program) => Promise<void>): Promise<void> {
    const program = this.#program;
    this.#program = null;
    if (program === null) return;
    await end(program);
    this.stderr += program.output.stderr;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done;
    return done;
  }
}
