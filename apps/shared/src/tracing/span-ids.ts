import { randomBytes } from 'node:crypto';

const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Makes the ids of traces and spans: random, except for a span whose id is given. */
export class SpanIds {
  #given: string | null = null;

  /** Returns what `begin` returns; the span that it begins has this id. */
  use<Result>(spanId: string, begin: () => Result): Result {
    this.#given = spanId;
    try {
      return begin();
    } finally {
      this.#given = null;
    }
  }

  generateTraceId(): string {
    return randomId(TRACE_ID_BYTES);
  }

  generateSpanId(): string {
    return this.#given ?? randomId(SPAN_ID_BYTES);
  }
}

/** Zeros alone are not an id. */
function randomId(bytes: number): string {
  for (;;) {
    const id = randomBytes(bytes);
    if (id.some((byte) => byte !== 0)) return id.toString('hex');
  }
}
