import { setTimeout as delay } from 'node:timers/promises';
import { startProgram, type Program } from '../support/program.ts';
import type { Outage } from './oracle.ts';
import { canBeWritten } from './write-locks.ts';

/** How often a process is stopped anew until it holds no lock. */
const PAUSE_ATTEMPTS = 200;

/** One api process of a cluster: the same port and the same data whenever it starts, and a record of when it ran. */
export class ApiNode {
  readonly number: number;
  readonly port: number;
  readonly #dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #outages: { from: number; to: number; kind: Outage['kind'] }[] = [];
  #program: Program | null = null;
  #paused = false;
  /** What was asked of it is done one after another. */
  #work: Promise<void> = Promise.resolve();
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

  /** The process, where it runs and is not paused. */
  get running(): Program | null {
    return this.#paused ? null : this.#program;
  }

  /** The process, paused or not. */
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

  /** `kill -9`, and another start some time later. */
  kill(downMs: number): Promise<void> {
    return this.#then(async () => {
      this.#outages.push({ from: Date.now(), to: Infinity, kind: 'killed' });
      await this.#end((program) => program.kill());
      await delay(downMs);
      await this.start();
    });
  }

  /** SIGTERM, and another start. */
  restart(): Promise<void> {
    return this.#then(async () => {
      await this.stop();
      await this.start();
    });
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.#outages.push({ from: Date.now(), to: Infinity, kind: 'stopped' });
    await this.#end(async (program) => {
      const code = await program.stop();
      if (code !== 0) this.stderr += `Ended with ${code}\n`;
    });
  }

  /**
   * SIGSTOP outside of any write to a file that it shares, and SIGCONT.
   *
   * @returns false where it always wrote
   */
  async pause(ms: number): Promise<boolean> {
    let paused = false;
    await this.#then(async () => {
      const pid = this.#program?.pid;
      if (pid === undefined) return;
      const from = await this.#stopOutsideOfWrites(pid);
      if (from === null) return;
      paused = true;
      this.#outages.push({ from, to: from + ms, kind: 'paused' });
      await delay(ms - (Date.now() - from));
      process.kill(pid, 'SIGCONT');
      this.#paused = false;
    });
    return paused;
  }

  /** Settles when all that was asked of it is done. */
  settled(): Promise<void> {
    return this.#work;
  }

  async #stopOutsideOfWrites(pid: number): Promise<number | null> {
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

  async #end(how: (program: Program) => Promise<void>): Promise<void> {
    const program = this.#program;
    this.#program = null;
    if (program === null) return;
    await how(program);
    this.stderr += program.output.stderr;
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done;
    return done;
  }
}
