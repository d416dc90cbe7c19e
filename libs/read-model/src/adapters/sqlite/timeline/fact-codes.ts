import type { CloseCause } from '#domain';
import { integer, UnexpectedColumnError, type SqlRow } from '#projections/adapters/columns';
import type { FactCause } from '../../../timeline/timeline-state.ts';

/** Words that a column has as numbers. */
class Codes<Word extends string> {
  readonly #column: string;
  readonly #codes: Readonly<Record<Word, number>>;
  readonly #words: ReadonlyMap<number, Word>;

  constructor(column: string, codes: Readonly<Record<Word, number>>) {
    this.#column = column;
    this.#codes = codes;
    const words = Object.keys(codes).filter((word): word is Word => Object.hasOwn(codes, word));
    this.#words = new Map(words.map((word) => [codes[word], word]));
  }

  codeOf(word: Word): number {
    return this.#codes[word];
  }

  /** @throws UnexpectedColumnError */
  wordIn(row: SqlRow): Word {
    const word = this.#words.get(integer(row, this.#column));
    if (word === undefined) throw new UnexpectedColumnError(this.#column, 'a known code');
    return word;
  }
}

/** Types of the events that make facts. A number is never given to another type. */
export const TYPES = new Codes<FactCause['type']>('type', {
  UserCreated: 1,
  UserUpdated: 2,
  UserDeleted: 3,
  ConnectionOpened: 4,
  ConnectionClosed: 5,
  BindingRegistered: 6,
  BindingRemoved: 7,
  TokensRevoked: 8,
  ServiceCreated: 9,
  ServiceUpdated: 10,
  ServiceDeleted: 11,
  ReachabilityEnabled: 12,
  ReachabilityDisabled: 13,
});

/** Causes of closes. A number is never given to another cause. */
export const CLOSE_CAUSES = new Codes<CloseCause>('close_cause', {
  clean: 1,
  abrupt: 2,
  timeout: 3,
  expired: 4,
  node_lost: 5,
  admin: 6,
});
