import type { Snapshot, SnapshotStore } from '#event-store';

/** Snapshots kept as JSON text, as a real store would, with a count of what passes and a way to fail. */
export class InMemorySnapshotStore implements SnapshotStore {
  readonly #texts = new Map<string, string>();
  readonly #failures: Error[] = [];

  /** Streams of the snapshots saved so far, in order; a failed save does not count. */
  readonly saved: string[] = [];

  /** The next save rejects with `error` and keeps nothing; called again, it adds a failure for the one after. */
  failNextSave(error: Error): void {
    this.#failures.push(error);
  }

  load(stream: string): Promise<Snapshot | null> {
    const text = this.#texts.get(stream);
    return Promise.resolve(text === undefined ? null : (JSON.parse(text) as Snapshot));
  }

  save(stream: string, snapshot: Snapshot): Promise<void> {
    const failure = this.#failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    this.#texts.set(stream, JSON.stringify(snapshot));
    this.saved.push(stream);
    return Promise.resolve();
  }
}
