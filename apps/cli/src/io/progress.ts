import type { CommandIo } from './command-io.ts';

interface ProgressOptions {
  /** The activity, in the `-ing` form. */
  readonly label: string;
  /** The counted items, in the plural. */
  readonly unit: string;
  /** The expected number of items, null if it is unknown. A function returns an estimate that may change. */
  readonly total: number | null | ((done: number) => number | null);
  /** Milliseconds before progress is shown: short work shows nothing. 1,000 by default. */
  readonly delayMs?: number;
  readonly now?: () => number;
}

const REDRAW_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;
const BAR_WIDTH = 24;

/** Shows the progress of long work on standard error: a bar on a terminal, a line every 5 s elsewhere. */
export class Progress {
  readonly #io: CommandIo;
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  readonly #startedAt: number;
  #lastShownAt: number | null = null;

  constructor(io: CommandIo, options: ProgressOptions) {
    this.#io = io;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
  }

  /** Sets the number of items done, and shows it when a redraw is due. */
  update(done: number): void {
    const now = this.#now();
    const interval = this.#io.interactive ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS;
    const delay = this.#options.delayMs ?? 1_000;
    const due = this.#lastShownAt === null ? this.#startedAt + delay : this.#lastShownAt + interval;
    if (now < due) return;
    this.#lastShownAt = now;
    const text = describe(this.#options, done, (now - this.#startedAt) / 1_000);
    this.#io.note(this.#io.interactive ? `\r\u001b[2K${text}` : `${text}\n`);
  }

  /** Removes the bar. The command prints the result. */
  end(): void {
    if (this.#io.interactive && this.#lastShownAt !== null) this.#io.note('\r\u001b[2K');
  }
}

function describe({ label, unit, total }: ProgressOptions, done: number, seconds: number): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const speed = `${count(Math.round(rate))} ${unit}/s`;
  const expected = typeof total === 'function' ? total(done) : total;
  if (expected === null || expected === 0) return `${label} ${count(done)} ${unit}, ${speed}`;
  const part = Math.min(1, done / expected);
  const bar = '#'.repeat(Math.round(part * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
  const eta = rate > 0 ? `, ${duration(Math.max(0, expected - done) / rate)} left` : '';
  return `${label} [${bar}] ${Math.floor(part * 100)}% ${count(done)} of ${count(expected)} ${unit}, ${speed}${eta}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
