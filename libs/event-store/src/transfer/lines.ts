import type { FileHandle } from 'node:fs/promises';
import { DamagedFileError } from './errors.ts';

const CHUNK_BYTES = 1 << 20;
/** More than any event takes, so that a file which is no text is not read into memory whole. */
const MAX_LINE_BYTES = 64 << 20;
const NEWLINE = 0x0a;

/** A line of a file, without its end of line. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Bytes of the file up to the end of this line. */
  readonly end: number;
}

/**
 * The lines of a file from its start, a chunk in memory at a time. The bytes of one are good until the next is
 * asked for.
 *
 * @throws DamagedFileError when the last line has no end, or one is longer than any event
 */
export async function* readLines(
  file: FileHandle,
  signal: AbortSignal | undefined,
): AsyncGenerator<Line> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let number = 0;
  let offset = 0;
  for (;;) {
    signal?.throwIfAborted();
    if (filled === buffer.length) buffer = enlarge(buffer, number + 1);
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
    let start = 0;
    for (;;) {
      const end = buffer.subarray(0, filled).indexOf(NEWLINE, start);
      if (end === -1) break;
      number += 1;
      yield { number, bytes: buffer.subarray(start, end), end: offset + end + 1 };
      start = end + 1;
    }
    buffer.copyWithin(0, start, filled);
    filled -= start;
    offset += start;
  }
  if (filled > 0) throw new DamagedFileError(number + 1, 'is cut: it has no end of line');
}

function enlarge(buffer: Buffer, line: number): Buffer<ArrayBuffer> {
  const size = buffer.length * 2;
  if (size > MAX_LINE_BYTES)
    throw new DamagedFileError(line, `is longer than ${buffer.length} bytes`);
  const larger = Buffer.allocUnsafe(size);
  buffer.copy(larger);
  return larger;
}
