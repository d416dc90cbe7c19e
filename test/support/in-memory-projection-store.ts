import {
  START,
  type Changes,
  type Checkpoint,
  type EventRef,
  type DeadLetter,
  type DeadLetterChanges,
  type DeadLetters,
  type ProjectionStore,
} from '#projections';

type Rows<State> = ReadonlyMap<string, State | null>;

/**
 * In-memory projection store for tests, with the behaviour of the real adapters. It records its traffic, and waits or
 * fails on demand.
 */
export class InMemoryProjectionStore<State> implements ProjectionStore<State> {
  /** Keys of every load so far. */
  readonly loads: (readonly string[])[] = [];
  /** All commits so far that took effect. */
  readonly commits: { readonly next: Checkpoint; readonly changes: Rows<State> }[] = [];
  /** Commits so far that lost to another owner. */
  lostCommits = 0;

  /** Awaited at the start of every commit; if it throws, the commit fails with that error. */
  beforeCommit: () => Promise<void> | void = () => undefined;

  readonly #texts = new Map<string, string>();
  #checkpoint = START;
  /** Dead letters, in log order. */
  held: DeadLetter[] = [];
  /** Events that every fold skips. */
  skipped: EventRef[] = [];
  /** All reports of being down; null reports recovery. */
  readonly downs: (string | null)[] = [];

  get states(): ReadonlyMap<string, State> {
    return new Map([...this.#texts].map(([key, text]) => [key, JSON.parse(text) as State]));
  }

  checkpoint(): Promise<Checkpoint> {
    return Promise.resolve(this.#checkpoint);
  }

  load(keys: readonly string[]): Promise<Map<string, State>> {
    this.loads.push(keys);
    const wanted = [...this.states].filter(([key]) => keys.includes(key));
    return Promise.resolve(new Map(wanted));
  }

  async deadLetters(): Promise<DeadLetters> {
    return { blockedKeys: new Set(this.held.map(({ key }) => key)), skipped: this.skipped };
  }

  async reportDown(reason: string | null): Promise<void> {
    this.downs.push(reason);
  }

  async commit(
    expected: Checkpoint,
    next: Checkpoint,
    given: Changes<State>,
    { added: hold, removeOthers: releaseAll = false }: DeadLetterChanges = { added: [] },
  ): Promise<boolean> {
    await this.beforeCommit();
    const { position, generation } = this.#checkpoint;
    if (expected.position !== position || expected.generation !== generation) {
      this.lostCommits += 1;
      return false;
    }
    this.#checkpoint = next;
    const changes = new Map(Array.from(given, ([key, state]) => [key, state] as const));
    for (const [key, state] of changes) {
      if (state === null) this.#texts.delete(key);
      else this.#texts.set(key, JSON.stringify(state));
    }
    this.held = [...(releaseAll ? [] : this.held), ...hold];
    this.commits.push({ next, changes });
    return true;
  }
}
