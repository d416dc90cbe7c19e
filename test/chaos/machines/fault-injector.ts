import type { Crowd } from '../crowd.ts';
import type { Machines } from './machines.ts';
import type { MachineStep } from './machines-plan.ts';

/** Injects the faults of a plan. */
export class FaultInjector {
  /** Faults that were left out, by kind: the run has no such store, or the process held a lock that all wait for. */
  readonly skipped = new Map<string, number>();
  readonly #machines: Machines;
  readonly #crowd: Crowd;
  readonly #log: (line: string) => void;
  readonly #pending: Promise<unknown>[] = [];

  constructor(machines: Machines, crowd: Crowd, log: (line: string) => void) {
    this.#machines = machines;
    this.#crowd = crowd;
    this.#log = log;
  }

  /** Begins a fault. */
  apply(step: MachineStep): void {
    this.#log(JSON.stringify(step));
    switch (step.do) {
      case 'kill':
        this.#pending.push(this.#machines.process(step.process).kill(step.ms));
        break;
      case 'restart':
        this.#pending.push(this.#machines.process(step.process).restart());
        break;
      case 'freeze':
        this.#pending.push(
          this.#unlessSkipped(step, this.#machines.process(step.process).freeze(step.ms)),
        );
        break;
      case 'cut':
        this.#pending.push(this.#cut(step));
        break;
      case 'crash':
        this.#pending.push(
          this.#unlessSkipped(step, this.#machines.stores.crash(step.store, step.ms)),
        );
        break;
      case 'cut clients':
        this.#crowd.cutAll(step.node);
        break;
      case 'stall clients':
        this.#crowd.stallAll(step.node, step.ms);
        break;
      case 'storm':
        this.#pending.push(this.#crowd.storm(step.clients, step.ms));
    }
  }

  async #cut(step: Extract<MachineStep, { do: 'cut' }>): Promise<void> {
    const from = step.from.filter(
      (store) => store === 'postgres' || this.#machines.stores.eventStorePort !== null,
    );
    if (from.length < step.from.length) this.#skip(step);
    if (from.length > 0) await this.#machines.process(step.process).cut(from, step.ms);
  }

  async #unlessSkipped(step: MachineStep, done: Promise<boolean>): Promise<void> {
    if (!(await done)) this.#skip(step);
  }

  #skip(step: MachineStep): void {
    const kind = 'store' in step ? `${step.do} ${step.store}` : step.do;
    this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + 1);
    this.#log(`skipped: ${JSON.stringify(step)}`);
  }

  /** Settles when all faults have ended, and every process runs. */
  async idle(): Promise<void> {
    await Promise.all(this.#pending);
    await Promise.all([...this.#machines.processes.values()].map((process) => process.idle()));
  }
}
