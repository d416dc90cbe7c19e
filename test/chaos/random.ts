import { seededRandom } from '../bench/report.ts';

/** Repeatable random choices: the same seed and name give the same sequence. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number, name = '') {
    let mixed = seed >>> 0;
    for (const character of name) {
      mixed = (Math.imul(mixed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
    }
    this.#next = seededRandom(mixed);
  }

  /** A number from `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.#next() * (high - low);
  }

  /** A whole number from `low` to below `high`. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high));
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.whole(0, list.length)];
    if (picked === undefined) throw new RangeError('The list is empty');
    return picked;
  }

  /** `count` random items of a list, each at most once, in random order. */
  some<T>(list: readonly T[], count: number): T[] {
    const rest = [...list];
    return Array.from({ length: Math.min(count, list.length) }, () => {
      const [picked] = rest.splice(this.whole(0, rest.length), 1);
      if (picked === undefined) throw new RangeError('The list is empty');
      return picked;
    });
  }
}
