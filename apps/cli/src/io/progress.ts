import type { CommandIo } from './command-io.ts';

export interface ProgressOptions {
  /** What is being done, in the `-ing` form. */
  readonly label: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** How many there will be, null where nobody knows; asked for again where it is an estimate that improves. */
  readonly total: number | null | ((done: number) => number | null);
  /** Milliseconds to stay silent: work that is done by then shows nothing. 1,000 by default. */
  readonly patienceMs?: number;
  readonly now?: () => number;
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;
const BAR_WIDTH = 24;

/** Progress of long work on standard error: a bar that redraws on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #io: CommandIo;
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  readonly #startedAt: number;
  #shownAt: number | null = null;

  constructor(io: CommandIo, options: ProgressOptions) {
    this.#io = io;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
  }

  /** Tells how many are done; shows it when it is time to. */
  update(done: number): void {
    const now = this.#now();
    const every = this.#io.interactive ? REDRAW_MS : LINE_EVERY_MS;
    const patience = this.#options.patienceMs ?? 1_000;
    const due = this.#shownAt === null ? this.#startedAt + patience : this.#shownAt + every;
    if (now < due) return;
    this.#shownAt = now;
    const text = describe(this.#options, done, (now - this.#startedAt) / 1_000);
    this.#io.note(this.#io.interactive ? `\r\u001b[2K${text}` : `${text}\n`);
  }

  /** Takes the bar away; what came of the work is for its command to say. */
  end(): void {
    if (this.#io.interactive && this.#shownAt !== null) this.#io.note('\r\u001b[2K');
  }
}

function describe({ label, unit, total }: ProgressOptions, done: number, seconds: number): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const speed = `${count(Math.round(rate))} ${unit}/s`;
  const all = typeof total === 'function' ? total(done) : total;
  if (all === null || all === 0) return `${label} ${count(done)} ${unit}, ${speed}`;
  const part = Math.min(1, done / all);
  const bar = '#'.repeat(Math.round(part * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
  const eta = rate > 0 ? `, ${duration(Math.max(0, all - done) / rate)} left` : '';
  return `${label} [${bar}] ${Math.floor(part * 100)}% ${count(done)} of ${count(all)} ${unit}, ${speed}${eta}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
