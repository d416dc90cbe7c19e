import type { FileHandle } from 'node:fs/promises';
import { DamagedFileError } from './errors.ts';

const CHUNK_BYTES = 1 << 20;
/** More than any event takes, so that a binary file is not read into memory whole. */
const MAX_LINE_BYTES = 64 << 20;
const NEWLINE = 0x0a;

/** A line of a file, without its line break. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly bytes: Buffer;
  /** Byte offset of the end of this line, its line break included. */
  readonly end: number;
}

/**
 * Reads the lines of a file from its start, with one chunk in memory. The bytes of a line are valid until the next
 * line is requested.
 *
 * @throws DamagedFileError when the last line has no line break, or a line is longer than any event
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
  if (filled > 0) throw new DamagedFileError(number + 1, 'is truncated: it has no line break');
}

function enlarge(buffer: Buffer, line: number): Buffer<ArrayBuffer> {
  const size = buffer.length * 2;
  if (size > MAX_LINE_BYTES)
    throw new DamagedFileError(line, `is longer than ${buffer.length} bytes`);
  const larger = Buffer.allocUnsafe(size);
  buffer.copy(larger);
  return larger;
}
