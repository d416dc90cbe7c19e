import { frameLoads, type ClientFrame } from '../protocol/client-frames.ts';
import type { Version } from '../protocol/version.ts';
import type { KnownUser, KnownUsers } from './known-users.ts';
import { voided } from './user-record.ts';
import { WatchQueue } from './watch-queue.ts';
import { Watermark } from './watermark.ts';

export interface WatchListHost {
  isAttached(): boolean;
  send(frame: ClientFrame): void;
  /** Does something as soon as a frame may be said. */
  pace(task: () => void): void;
  nextId(): number;
}

interface Asked {
  readonly users: readonly string[];
  /** Null where the server was asked for everything. */
  readonly since: Version | null;
}

/** Keeps the server's watch-list as it should be, across connections: says what it lacks, no less and little more. */
export class WatchList {
  readonly #host: WatchListHost;
  readonly #known: KnownUsers;
  readonly #watermark = new Watermark();
  readonly #queue: WatchQueue;
  /** What was asked and is not answered, by id. */
  readonly #asked = new Map<number, Asked>();

  constructor(host: WatchListHost, known: KnownUsers) {
    this.#host = host;
    this.#known = known;
    this.#queue = new WatchQueue(
      (task) => host.pace(task),
      () => this.#flush(),
    );
  }

  get watermark(): Version | null {
    return this.#watermark.version;
  }

  /** Whether every `watch` is answered. */
  get isAnswered(): boolean {
    return this.#asked.size === 0;
  }

  read(version: Version): void {
    this.#watermark.read(version);
  }

  watch(name: string): void {
    this.#queue.watch(name);
  }

  unwatch(name: string): void {
    this.#queue.unwatch(name);
  }

  /**
   * A Connection stands: says what its watch-list lacks.
   *
   * @param wanted names that were asked for and are not known yet
   */
  attached(isResumed: boolean, version: Version, wanted: Iterable<string>): void {
    if (!isResumed) this.#startAnew();
    if (this.#watermark.isOfOtherStoreThan(version)) this.void();
    this.#asked.clear();
    this.#queue.restart();
    this.#flush();
    const { since } = this.#watermark;
    const unsaid = this.#known.unsaid();
    const inFull = unsaid.filter(({ standing }) => since === null || standing === 'void');
    const inPart = unsaid.filter(({ standing }) => since !== null && standing === 'since');
    this.#ask([...wanted, ...sidsOf(inFull)], null);
    this.#ask(sidsOf(inPart), since);
  }

  /** What is known counts for nothing: whatever is said next overrides it. */
  void(): void {
    this.#watermark.void();
    for (const known of this.#known.all()) {
      known.standing = 'void';
      known.record = voided(known.record);
    }
  }

  /** A `watch` is answered: whom its answer left out has not changed since. */
  answered(id: number): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined || asked.since === null) return;
    for (const name of asked.users) {
      const known = this.#known.find(name);
      if (known?.standing === 'since') known.standing = 'said';
    }
  }

  /** A `watch` is refused. Gives whom it was about. */
  refused(id: number): readonly string[] {
    const users = this.#asked.get(id)?.users ?? [];
    this.#asked.delete(id);
    return users;
  }

  #startAnew(): void {
    const all = [...this.#known.all()];
    if (all.every(({ standing }) => standing !== 'since')) this.#watermark.mark();
    for (const known of all) if (known.standing === 'said') known.standing = 'since';
    this.#queue.takeToUnwatch();
  }

  #flush(): void {
    if (!this.#host.isAttached()) return;
    for (const users of frameLoads(this.#queue.takeToUnwatch())) {
      this.#host.send({ type: 'unwatch', users });
    }
    this.#ask(this.#queue.takeToWatch(), null);
  }

  #ask(names: readonly string[], since: Version | null): void {
    for (const users of frameLoads(names)) {
      const id = this.#host.nextId();
      this.#asked.set(id, { users, since });
      this.#host.send({ type: 'watch', id, users, ...(since === null ? {} : { since }) });
    }
  }
}

function sidsOf(known: readonly KnownUser[]): string[] {
  return known.map(({ record }) => record.sid);
}
