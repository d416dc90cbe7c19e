import { hasReached, latest, type Position } from '#event-store';
import type { ChangeSource } from './change-signals.ts';
import { PositionWaiters } from './position-waiters.ts';

/** Milliseconds between two looks at a checkpoint that another process moves, where nothing tells of its moves. */
const LOOK_MS = 10;
/** The same where the database tells of them: for a message that does not arrive. */
const LOOK_AGAIN_MS = 250;

/** Least milliseconds between two looks for those who do not wait. */
const OBSERVE_MS = 50;

interface CheckpointSource {
  checkpoint(): Promise<{ readonly position: Position | null }>;
}

export interface ProgressOptions {
  /** Tells of commits by all processes; null where only those of this process are reported. */
  readonly moves?: ChangeSource<Position> | null;
  /** Takes a line for the log when the checkpoint cannot be read. */
  readonly onError?: (message: string) => void;
}

/**
 * The checkpoint of a read model, and a way to wait for it. A projection in this process reports each commit with
 * {@link advanceTo}, and a database those of all processes. Where neither does, looks at the checkpoint find them, and
 * only while somebody waits.
 */
export class ReadModelProgress {
  readonly #readModel: CheckpointSource;
  readonly #onError: (message: string) => void;
  readonly #waiters = new PositionWaiters();
  readonly #moveListeners: (() => void)[] = [];
  readonly #hasMoves: boolean;
  #isListening = false;
  #isLooking = false;
  #refreshing: Promise<void> | null = null;
  #shown: Position | null = null;
  #observedAt = -Infinity;

  constructor(
    readModel: CheckpointSource,
    { moves = null, onError = () => undefined }: ProgressOptions = {},
  ) {
    this.#readModel = readModel;
    this.#onError = onError;
    this.#hasMoves = moves !== null;
    moves?.({
      onChange: (position) => this.advanceTo(position),
      onListening: () => {
        this.#isListening = true;
        void this.refresh();
      },
      onLost: () => this.#loseSight(),
    });
  }

  /** What reads see at least; null while that is unknown. */
  get position(): Position | null {
    return this.#waiters.position;
  }

  /**
   * Returns {@link position}. Where nothing tells of commits by other processes it also begins a look, from which later
   * calls profit.
   */
  observe(): Position | null {
    const now = performance.now();
    if (!this.#hasMoves && now - this.#observedAt >= OBSERVE_MS) {
      this.#observedAt = now;
      void this.refresh();
    }
    return this.position;
  }

  /**
   * The highest {@link position} ever. A database that crashed may have lost its last commits, and show less until they
   * are made again.
   */
  get shown(): Position | null {
    return this.#shown;
  }

  /** Whether commits of all processes are told of at present, so that {@link position} is the checkpoint. */
  get isTold(): boolean {
    return this.#isListening;
  }

  /** Call it after each commit of the read model. */
  advanceTo(position: Position | null): void {
    if (hasReached(this.position, position)) return;
    this.#shown = latest(this.#shown, position);
    this.#waiters.advanceTo(position);
    for (const listener of this.#moveListeners) listener();
  }

  /** Calls the listener each time that {@link position} moves. */
  onMove(listener: () => void): void {
    this.#moveListeners.push(listener);
  }

  /** True once reads see everything up to `position`; false when that takes longer than `timeoutMs`. */
  waitFor(position: Position | null, timeoutMs: number): Promise<boolean> {
    const reached = this.#waiters.waitFor(position, timeoutMs);
    if (this.#waiters.isAwaited && !this.#isLooking) void this.#look();
    return reached;
  }

  /** Reads the checkpoint now, for a process whose read model another one keeps. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    try {
      const { position } = await this.#readModel.checkpoint();
      this.advanceTo(position);
    } catch (error) {
      this.#onError(`The read model cannot be read: ${String(error)}`);
      this.#waiters.giveUp();
    }
  }

  /** The database may have crashed: what it shows is unknown until it is read again. */
  #loseSight(): void {
    this.#isListening = false;
    this.#waiters.forget();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    for (;;) {
      const pauseMs = this.#isListening ? LOOK_AGAIN_MS : LOOK_MS;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (!this.#waiters.isAwaited) break;
      await this.refresh();
    }
    this.#isLooking = false;
  }
}
