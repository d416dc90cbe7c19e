import { PackedTexts } from './packed-texts.ts';
import type { Packing } from './projection.ts';

/** The state of one key while folding. */
export interface Entry<State> {
  readonly key: string;
  /** Null also while it is packed. */
  state: State | null;
  /** Differs from what is written. */
  changed: boolean;
  /** Where the state is packed, or {@link UNPACKED}, or {@link NOTHING}. */
  place: number;
  /** The round in which it was last needed. */
  round: number;
}

const UNPACKED = -1;
/** Stands for the place of a state that is null. */
const NOTHING = -2;
/** Of an entry that belongs to no round. */
const NO_ROUND = -1;

/**
 * The states that a fold works on, each once: as they were loaded, as they changed, and as they were written. Only
 * those that were needed lately are kept as they are, the others packed: a fold over many keys needs little memory.
 */
export class WorkingStates<State> {
  readonly #packing: Packing<State> | undefined;
  readonly #mostUnpacked: number;
  readonly #entries = new Map<string, Entry<State>>();
  readonly #texts = new PackedTexts();
  #changed: Entry<State>[] = [];
  #unpacked = 0;
  #round = 0;
  #current: Entry<State>[] = [];
  /** Where states are packed: what each round needed, the current one last. An entry counts in its last round only. */
  readonly #rounds = [this.#current];
  #writtenIn = 0;

  /**
   * @param mostUnpacked how many states are kept as they are once a round has ended
   * @param packing without it all are
   */
  constructor(mostUnpacked = Infinity, packing?: Packing<State>) {
    this.#mostUnpacked = packing === undefined ? Infinity : mostUnpacked;
    this.#packing = packing;
  }

  /** How many keys have changed since they were written. */
  get changed(): number {
    return this.#changed.length;
  }

  /** The state of a key that was needed in this round. */
  get(key: string): State | null {
    return this.#entries.get(key)?.state ?? null;
  }

  /** The entry of a key, for this round; where it is new it is added to `missing`. */
  need(key: string, missing: Entry<State>[]): Entry<State> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, state: null, changed: false, place: UNPACKED, round: NO_ROUND };
      this.#entries.set(key, entry);
      this.#unpacked += 1;
      missing.push(entry);
    }
    if (entry.round !== this.#round) {
      entry.round = this.#round;
      if (this.#packing !== undefined) this.#current.push(entry);
      if (entry.place !== UNPACKED) this.#unpack(entry);
    }
    return entry;
  }

  change(entry: Entry<State>, state: State | null): void {
    entry.state = state;
    if (entry.changed) return;
    entry.changed = true;
    this.#changed.push(entry);
  }

  /** Begins another round: what was not needed for the longest time is packed. */
  nextRound(): void {
    this.#round += 1;
    if (this.#packing === undefined) return;
    while (this.#unpacked > this.#mostUnpacked && this.#rounds.length > 1) this.#packOldest();
    this.#current = [];
    this.#rounds.push(this.#current);
  }

  /** What has changed since it was written, in order of keys: tables are written fastest in theirs. */
  *changes(): Generator<readonly [key: string, state: State | null]> {
    const inOrder = this.#changed.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const entry of inOrder) yield [entry.key, this.#stateOf(entry)];
  }

  /**
   * To be told once the changes are written. The states are kept, so as not to be loaded again; where they are
   * more than `most`, those that were not needed since what was written before are let go.
   *
   * @param rest what stays of a state that has been written; all of it by default
   */
  written(most: number, rest?: (state: State) => State): void {
    for (const entry of this.#changed) {
      entry.changed = false;
      if (rest !== undefined) this.#reduce(entry, rest);
    }
    this.#changed = [];
    if (this.#entries.size > most) {
      for (const entry of this.#entries.values()) {
        if (entry.round < this.#writtenIn) this.#drop(entry);
      }
    }
    this.#writtenIn = this.#round;
  }

  #stateOf({ key, state, place }: Entry<State>): State | null {
    if (place < 0 || this.#packing === undefined) return state;
    return this.#packing.unpack(key, this.#texts.get(place));
  }

  #unpack(entry: Entry<State>): void {
    entry.state = this.#stateOf(entry);
    if (entry.place >= 0) this.#texts.free(entry.place);
    entry.place = UNPACKED;
    this.#unpacked += 1;
  }

  #pack(entry: Entry<State>): void {
    if (this.#packing === undefined) return;
    const { state } = entry;
    entry.place = state === null ? NOTHING : this.#texts.put(this.#packing.pack(state));
    entry.state = null;
    this.#unpacked -= 1;
  }

  #packOldest(): void {
    const oldest = this.#round - this.#rounds.length;
    for (const entry of this.#rounds.shift() ?? []) if (entry.round === oldest) this.#pack(entry);
  }

  #reduce(entry: Entry<State>, rest: (state: State) => State): void {
    const isPacked = entry.place !== UNPACKED;
    if (isPacked) this.#unpack(entry);
    if (entry.state !== null) entry.state = rest(entry.state);
    if (isPacked) this.#pack(entry);
  }

  #drop(entry: Entry<State>): void {
    this.#entries.delete(entry.key);
    if (entry.place >= 0) this.#texts.free(entry.place);
    if (entry.place === UNPACKED) this.#unpacked -= 1;
    entry.round = NO_ROUND;
  }
}
