import type { DomainEvent } from '#domain';
import {
  backOff,
  EventStoreUnavailableError,
  type EventLog,
  type RecordedEvent,
  type RetryPolicy,
} from '#event-store';
import { formatEventRef, type EventRef, type DeadLetter } from './dead-letter.ts';
import { ProjectionError } from './projection-error.ts';
import type { ProjectionVersions } from './projection-versions.ts';
import { toProjectedEvent, type Projection } from './projection.ts';
import { StatesAsOf } from './states-as-of.ts';

const RETRY: RetryPolicy = { attempts: 20, baseMs: 5, capMs: 200 };

/** Result of a retry. */
export interface RetryResult {
  /** Number of events that were folded. Those that are skipped are not among them. */
  readonly folded: number;
  /** Number of events that are still dead letters. */
  readonly remaining: number;
}

/**
 * Folds the dead letters of the live version in log order, with the effective times recorded then and the looked-up
 * states of then, so that the rows equal those of a rebuild. Events that still cannot be folded stay dead letters.
 * Runners may continue meanwhile.
 *
 * @throws EventStoreUnavailableError when the log cannot be read; nothing has changed
 */
export async function retryDeadLetters<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  versions: ProjectionVersions<State>,
): Promise<RetryResult> {
  const store = versions.live();
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = await store.checkpoint();
    const letters = await versions.deadLetters();
    if (letters.length === 0) return { folded: 0, remaining: 0 };
    const { skipped } = await store.deadLetters();
    const before = await store.load([...new Set(letters.map(({ key }) => key))]);
    const { changes, remaining, folded } = await foldDeadLetters(
      projection,
      log,
      letters,
      before,
      skipped,
    );
    const next = { ...checkpoint, generation: checkpoint.generation + 1 };
    if (await store.commit(checkpoint, next, changes, { added: remaining, removeOthers: true })) {
      return { folded, remaining: remaining.length };
    }
    if (attempt >= RETRY.attempts)
      throw new Error(`The checkpoint of ${projection.name} moves too often to retry`);
    await backOff(RETRY, attempt);
  }
}

async function foldDeadLetters<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventLog,
  letters: readonly DeadLetter[],
  before: ReadonlyMap<string, State>,
  skipped: readonly EventRef[],
): Promise<Retry<State, Event>> {
  const asOf = new StatesAsOf(projection, log, skipped);
  try {
    const retry = new Retry(projection, before, asOf, skipped.map(formatEventRef));
    for (const [index, recorded] of (await read(log, letters)).entries()) {
      const letter = letters[index];
      if (letter !== undefined) await retry.fold(recorded, letter);
    }
    return retry;
  } finally {
    await asOf.close();
  }
}

class Retry<State, Event extends DomainEvent> {
  readonly changes = new Map<string, State | null>();
  readonly remaining: DeadLetter[] = [];
  folded = 0;
  readonly #projection: Projection<State, Event>;
  readonly #before: ReadonlyMap<string, State>;
  readonly #asOf: StatesAsOf<State, Event>;
  readonly #skipped: ReadonlySet<string>;
  readonly #blockedKeys = new Set<string>();

  constructor(
    projection: Projection<State, Event>,
    before: ReadonlyMap<string, State>,
    asOf: StatesAsOf<State, Event>,
    skipped: readonly string[],
  ) {
    this.#projection = projection;
    this.#before = before;
    this.#asOf = asOf;
    this.#skipped = new Set(skipped);
  }

  async fold(recorded: RecordedEvent, letter: DeadLetter): Promise<void> {
    if (this.#skipped.has(formatEventRef(letter))) return;
    if (this.#blockedKeys.has(letter.key)) {
      this.#keep({ ...letter, error: null });
      return;
    }
    try {
      await this.#evolve(recorded, letter);
    } catch (cause) {
      if (cause instanceof EventStoreUnavailableError) throw cause;
      const { message } = new ProjectionError(this.#projection.name, recorded, cause);
      this.#keep({ ...letter, error: message });
    }
  }

  async #evolve(recorded: RecordedEvent, letter: DeadLetter): Promise<void> {
    const { key, effectiveAt } = letter;
    const event = this.#projection.registry.decode(recorded);
    if (this.#projection.lookups(event).some((other) => this.#blockedKeys.has(other))) {
      this.#keep({ ...letter, error: null });
      return;
    }
    const seen = await this.#asOf.lookupsOf(event, recorded.position);
    const projected = toProjectedEvent(recorded, event, effectiveAt);
    const lookup = (other: string): State | null => seen.get(other) ?? null;
    this.changes.set(key, this.#projection.evolve(this.#state(key), projected, lookup));
    this.folded += 1;
  }

  #state(key: string): State | null {
    const changed = this.changes.get(key);
    return changed === undefined ? (this.#before.get(key) ?? null) : changed;
  }

  #keep(letter: DeadLetter): void {
    this.#blockedKeys.add(letter.key);
    this.remaining.push(letter);
  }
}

/** The recorded events of dead letters, in the same order. Reads each stream once. */
async function read(log: EventLog, letters: readonly DeadLetter[]): Promise<RecordedEvent[]> {
  const found = new Map<string, RecordedEvent>();
  for (const [stream, events] of Map.groupBy(letters, (event) => event.stream)) {
    const from = events[0]?.revision ?? 0;
    const limit = (events.at(-1)?.revision ?? from) - from + 1;
    for await (const event of log.readStream(stream, { from, limit })) {
      found.set(formatEventRef(event), event);
    }
  }
  return letters.map((event) => {
    const recorded = found.get(formatEventRef(event));
    if (recorded === undefined) throw new Error(`${formatEventRef(event)} is not in the log`);
    return recorded;
  });
}
