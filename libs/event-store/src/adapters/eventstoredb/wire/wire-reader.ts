import protobuf from 'protobufjs/minimal.js';

/** What {@link WireReader.tag} gives at the end of a message: no field has this tag. */
export const END = 0;

/** Reads a message in the wire format of protocol buffers, and those nested in it. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #reader: protobuf.Reader;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#reader = protobuf.Reader.create(bytes);
  }

  /**
   * The tag of the next field of the message that ends at a place: number of the field, and wire type in the last
   * three bits.
   *
   * @throws RangeError where a field goes beyond the end
   */
  tag(end: number): number {
    const { pos } = this.#reader;
    if (pos === end) return END;
    if (pos > end) throw new RangeError(`A field ends at byte ${pos}, its message at ${end}`);
    const tag = this.#reader.uint32();
    if (tag === END) throw new RangeError(`No field at byte ${pos}`);
    return tag;
  }

  /** Enters a nested message, and answers where it ends. */
  enter(): number {
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > this.#bytes.length) {
      throw new RangeError(`A field ends at byte ${end}, the message at ${this.#bytes.length}`);
    }
    return end;
  }

  bytes(): Buffer {
    const end = this.enter();
    const bytes = this.#bytes.subarray(this.#reader.pos, end);
    this.#reader.pos = end;
    return bytes;
  }

  text(): string {
    const end = this.enter();
    const text = this.#bytes.toString('utf8', this.#reader.pos, end);
    this.#reader.pos = end;
    return text;
  }

  unsigned(): bigint {
    const { low, high } = this.#reader.uint64();
    const lower = BigInt(low >>> 0);
    return high === 0 ? lower : (BigInt(high >>> 0) << 32n) | lower;
  }

  skip(tag: number): void {
    this.#reader.skipType(tag & 7);
  }
}
