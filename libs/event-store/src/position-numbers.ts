import type { Position } from './position.ts';

/** Digits of a number in the positions of EventStoreDB, which have it twice. */
const REPEATED_DIGITS = 20;

/**
 * Returns the position of an event as a number in the same order: a table with a number takes a fifth of the space.
 *
 * @throws RangeError for a position that is not a number, or not that of an event
 */
export function toPositionNumber(position: Position): number {
  const digits = position.slice(0, REPEATED_DIGITS);
  const number = Number(digits);
  const isOne = position.length <= REPEATED_DIGITS || position === digits + digits;
  if (!isOne || !Number.isSafeInteger(number)) {
    throw new RangeError(`Position ${position} cannot be stored as a number`);
  }
  return number;
}

/** Converts numbers of {@link toPositionNumber} back to positions of one log. */
export class PositionNumbers {
  readonly #digits: number;
  readonly #isRepeated: boolean;

  /** @param example any position of the log, which shows their width */
  constructor(example: Position) {
    this.#isRepeated = example.length > REPEATED_DIGITS;
    this.#digits = this.#isRepeated ? REPEATED_DIGITS : example.length;
  }

  toPosition(number: number): Position {
    const digits = String(number).padStart(this.#digits, '0');
    return this.#isRepeated ? digits + digits : digits;
  }

  /** Returns the greatest number whose position sorts before a bound or is the bound, which may be any string. */
  atOrBefore(bound: string): number {
    const [digits = ''] = /^\d*/.exec(bound.slice(0, this.#digits)) ?? [];
    const rest = bound.slice(digits.length, digits.length + 1) > '9' ? '9' : '0';
    const number = Math.min(Number(digits.padEnd(this.#digits, rest)), Number.MAX_SAFE_INTEGER);
    return this.toPosition(number) > bound ? number - 1 : number;
  }

  /** Returns the greatest number whose position sorts before a bound, which may be any string. */
  before(bound: string): number {
    const number = this.atOrBefore(bound);
    return this.toPosition(number) === bound ? number - 1 : number;
  }
}
