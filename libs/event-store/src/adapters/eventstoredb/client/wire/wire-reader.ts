import protobuf from 'protobufjs/minimal.js';

/** Result of {@link WireReader.tag} at the end of a message: no field has this tag. */
export const END = 0;

/** Reads a message, with its nested messages, in the wire format of Protocol Buffers. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #reader: protobuf.Reader;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#reader = protobuf.Reader.create(bytes);
  }

  /**
   * Reads the tag of the next field: field number, with the wire type in the last three bits.
   *
   * @param end of the message, as a byte offset
   * @throws RangeError when a field goes beyond the end
   */
  tag(end: number): number {
    const { pos } = this.#reader;
    if (pos === end) return END;
    if (pos > end) throw new RangeError(`A field ends at byte ${pos}, its message at ${end}`);
    const tag = this.#reader.uint32();
    if (tag === END) throw new RangeError(`No field at byte ${pos}`);
    return tag;
  }

  /** Enters a nested message, and returns the byte offset of its end. */
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
