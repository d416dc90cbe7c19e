import { frameLoads, type ClientFrame, type FrameLimits } from '../protocol/client-frames.ts';
import type { Version } from '../protocol/version.ts';
import type { KnownUser, KnownUsers } from './known-users.ts';
import { voided } from './user-record.ts';
import { WatchQueue } from './watch-queue.ts';
import { Watermark } from './watermark.ts';

export interface WatchListHost {
  readonly limits: FrameLimits;
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
  /** Of whom the server was to say no more, and has not said that it will, by id. */
  readonly #left = new Map<number, readonly string[]>();

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
    this.#leave(this.#takeLeft());
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

  /** A frame is answered, and so were those before it. */
  handled(id: number): void {
    for (const left of this.#left.keys()) if (left <= id) this.#left.delete(left);
  }

  /** A `watch` is answered: whom its answer left out has not changed since. */
  answered(id: number): void {
    this.handled(id);
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (asked === undefined || asked.since === null) return;
    for (const name of asked.users) {
      const known = this.#known.find(name);
      if (known?.standing === 'since') known.standing = 'said';
    }
  }

  /**
   * A `watch` is refused. Gives whom that is about.
   *
   * @param refused whom the server names; null where it is everybody. For the others an answer is to come
   */
  refused(id: number, refused: readonly string[] | null): readonly string[] {
    this.handled(id);
    const asked = this.#asked.get(id);
    if (asked === undefined) return [];
    const names = new Set(refused ?? asked.users);
    const others = asked.users.filter((name) => !names.has(name));
    if (others.length === 0) this.#asked.delete(id);
    else this.#asked.set(id, { ...asked, users: others });
    return asked.users.filter((name) => names.has(name));
  }

  #startAnew(): void {
    const all = [...this.#known.all()];
    if (all.every(({ standing }) => standing !== 'since')) this.#watermark.mark();
    for (const known of all) if (known.standing === 'said') known.standing = 'since';
    this.#queue.takeToUnwatch();
    this.#left.clear();
  }

  #flush(): void {
    if (!this.#host.isAttached()) return;
    this.#leave(this.#queue.takeToUnwatch());
    this.#ask(this.#queue.takeToWatch(), null);
  }

  #leave(names: readonly string[]): void {
    for (const users of frameLoads(names, this.#host.limits)) {
      const id = this.#host.nextId();
      this.#left.set(id, users);
      this.#host.send({ type: 'unwatch', id, users });
    }
  }

  #takeLeft(): string[] {
    const left = [...this.#left.values()].flat();
    this.#left.clear();
    return left;
  }

  #ask(names: readonly string[], since: Version | null): void {
    for (const users of frameLoads(names, this.#host.limits)) {
      const id = this.#host.nextId();
      this.#asked.set(id, { users, since });
      this.#host.send({ type: 'watch', id, users, ...(since === null ? {} : { since }) });
    }
  }
}

function sidsOf(known: readonly KnownUser[]): string[] {
  return known.map(({ record }) => record.sid);
}
