import {
  hasReached,
  WrongExpectedRevisionError,
  type AppendResult,
  type EpochStart,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type RecordedEvent,
} from '#event-store';

/** Positions have gaps, as in a real log, so that no code relies on consecutive ones. */
const POSITION_STEP = 10;
const POSITION_WIDTH = 16;

/** The log that several in-memory stores share, as processes share a file or a server. */
export class InMemoryLog {
  /** Snapshots as JSON text, by stream. */
  readonly snapshots = new Map<string, string>();

  epoch = 'in-memory';
  readonly formerEpochs: string[] = [];
  epochStart: EpochStart | null = null;

  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #waiting = new Set<() => void>();

  get head(): Position | null {
    return this.#events.at(-1)?.position ?? null;
  }

  eventAt(position: Position): RecordedEvent | undefined {
    const [event] = this.after(String(Number(position) - POSITION_STEP), 1);
    return event?.position === position ? event : undefined;
  }

  renewEpoch(former: string): void {
    if (this.epoch !== former) return;
    this.formerEpochs.push(former);
    this.epoch = `${former}'`;
    const time = Math.max(Date.now(), (this.epochStart?.time ?? 0) + 1);
    this.epochStart = { time, position: this.head };
    this.snapshots.clear();
  }

  /** Removes the events after a position, as a restore of an older copy does. */
  goBackTo(position: Position | null): void {
    const kept = this.#events.filter((event) => hasReached(position, event.position));
    this.#events.splice(0, Infinity, ...kept);
    this.#streams.clear();
    for (const event of kept) {
      const stream = this.#streams.get(event.stream) ?? [];
      stream.push(event);
      this.#streams.set(event.stream, stream);
    }
  }

  /** Events of one stream, from a revision. */
  stream(stream: string, from: number, limit: number): RecordedEvent[] {
    return this.#streams.get(stream)?.slice(from, from + limit) ?? [];
  }

  /** Events of the whole log after a position. */
  after(position: Position | null, limit: number): RecordedEvent[] {
    const start = Math.floor(Number(position ?? 0) / POSITION_STEP);
    return this.#events.slice(start, start + limit);
  }

  /** Appends, or finds the events already appended, or throws a conflict. */
  append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): AppendResult {
    const recorded = this.#streams.get(stream) ?? [];
    const first = expectedRevision === 'no_stream' ? 0 : expectedRevision + 1;
    if (first !== recorded.length) {
      const last = recorded[first + events.length - 1];
      const repeated = events.every((event, index) => recorded[first + index]?.id === event.id);
      if (last !== undefined && repeated) {
        return { revision: last.revision, position: last.position };
      }
      const actual = recorded.length === 0 ? 'no_stream' : recorded.length - 1;
      throw new WrongExpectedRevisionError(stream, expectedRevision, actual);
    }
    this.#streams.set(stream, recorded);
    for (const event of events) {
      const number = (this.#events.length + 1) * POSITION_STEP;
      const position = String(number).padStart(POSITION_WIDTH, '0');
      const record = { ...event, stream, revision: recorded.length, position };
      recorded.push(record);
      this.#events.push(record);
    }
    this.wake();
    return { revision: recorded.length - 1, position: String(this.head) };
  }

  /** Resolves at the next append or wake-up. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Wakes all waiting followers. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
