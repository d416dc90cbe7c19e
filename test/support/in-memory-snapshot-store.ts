import type { Snapshot, SnapshotStore } from '#event-store';
import type { InMemoryLog } from './in-memory-log.ts';

/** In-memory snapshot store for tests. It keeps JSON text, records saves, and fails on demand. */
export class InMemorySnapshotStore implements SnapshotStore {
  readonly #texts: InMemoryLog['snapshots'];
  readonly #assertOpen: () => void;
  readonly #failures: Error[] = [];

  /** Streams of the snapshots saved so far, in order; a failed save does not count. */
  readonly saved: string[] = [];

  constructor(texts: InMemoryLog['snapshots'], assertOpen: () => void) {
    this.#texts = texts;
    this.#assertOpen = assertOpen;
  }

  /** Makes the next save reject with `error` and store nothing. Each further call adds a fault for one more save. */
  failNextSave(error: Error): void {
    this.#failures.push(error);
  }

  async load(stream: string): Promise<Snapshot | null> {
    this.#assertOpen();
    const text = await Promise.resolve(this.#texts.get(stream));
    return text === undefined ? null : (JSON.parse(text) as Snapshot);
  }

  async save(stream: string, snapshot: Snapshot): Promise<void> {
    this.#assertOpen();
    const text = JSON.stringify(snapshot);
    const failure = await Promise.resolve(this.#failures.shift());
    if (failure !== undefined) throw failure;
    this.#texts.set(stream, text);
    this.saved.push(stream);
  }
}
