/** Rounds before the first number, so that adjacent seeds give different sequences. */
const WARM_UP_ROUNDS = 20;
const RANGE = 0x1_0000_0000;

/** Pseudo-random numbers (sfc32 of PractRand). They depend only on the seed: the same on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  /** @param seed an integer from 0 to 2^53 - 1 */
  constructor(seed: number) {
    this.#a = (seed % RANGE) | 0;
    this.#b = Math.floor(seed / RANGE) | 0;
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.#next();
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.#next() / RANGE) * limit);
  }

  /** An integer from `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.#next() < probability * RANGE;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** A string of `groups` times 8 hexadecimal digits. */
  hex(groups: number): string {
    let digits = '';
    for (let group = 0; group < groups; group += 1) {
      digits += this.#next().toString(16).padStart(8, '0');
    }
    return digits;
  }

  /** A UUID in the form of version 4. */
  uuid(): string {
    const hex = this.hex(4);
    const variant = this.pick(['8', '9', 'a', 'b']);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
