/** Texts stand in chunks of so many bytes; one that is longer has a chunk to itself. */
const CHUNK = 2 ** 20;
/** Room is given out in units of so many bytes. */
const UNIT = 32;
const UNITS_PER_CHUNK = CHUNK / UNIT;
/** Before each text stand its length in bytes and the units that it was given. */
const HEADER = 8;
const UNITS_AT = 4;
/** A text may get a place that is larger by so many units, rather than room that nobody has used yet. */
const UNITS_TO_SPARE = 3;

/**
 * Texts outside the heap of JavaScript. There each would be looked at in every collection, and one that is replaced
 * would lie about until the next; here its room is free at once.
 */
export class PackedTexts {
  readonly #chunks: Buffer[] = [];
  /** Places that nobody uses any more, by their units. */
  readonly #free = new Map<number, number[]>();
  /** Units of the last chunk that have been given out. */
  #given = UNITS_PER_CHUNK;

  /**
   * Keeps a text and answers its place.
   *
   * @param text well-formed Unicode
   */
  put(text: string): number {
    const length = Buffer.byteLength(text);
    const units = Math.ceil((HEADER + length) / UNIT);
    const place = this.#reuse(units) ?? this.#give(units);
    const chunk = this.#chunkOf(place);
    const at = offsetOf(place);
    chunk.writeUInt32LE(length, at);
    chunk.write(text, at + HEADER);
    return place;
  }

  get(place: number): string {
    const chunk = this.#chunkOf(place);
    const at = offsetOf(place);
    const from = at + HEADER;
    return chunk.toString('utf8', from, from + chunk.readUInt32LE(at));
  }

  /** Lets go of a text: its place may be given to another. */
  free(place: number): void {
    const units = this.#chunkOf(place).readUInt32LE(offsetOf(place) + UNITS_AT);
    const places = this.#free.get(units);
    if (places === undefined) this.#free.set(units, [place]);
    else places.push(place);
  }

  #reuse(least: number): number | undefined {
    for (let units = least; units <= least + UNITS_TO_SPARE; units += 1) {
      const place = this.#free.get(units)?.pop();
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #give(units: number): number {
    if (this.#given + units > UNITS_PER_CHUNK) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, units * UNIT)));
      this.#given = 0;
    }
    const place = (this.#chunks.length - 1) * UNITS_PER_CHUNK + this.#given;
    this.#given += units;
    this.#chunkOf(place).writeUInt32LE(units, offsetOf(place) + UNITS_AT);
    return place;
  }

  #chunkOf(place: number): Buffer {
    const chunk = this.#chunks[Math.floor(place / UNITS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError(`Nothing was ever put at ${place}`);
    return chunk;
  }
}

function offsetOf(place: number): number {
  return (place % UNITS_PER_CHUNK) * UNIT;
}
