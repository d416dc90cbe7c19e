import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Type } from 'typebox';
import { Compile } from 'typebox/schema';
import { DamagedFileError, NewerExportError } from './errors.ts';
import { EventLine, FORMAT_VERSION, Header, trailerLine, readChecksum } from './file-format.ts';
import { readLines, type Line } from './lines.ts';

/** An event of an export file. */
export interface FileEvent {
  readonly event: EventLine;
  /** Number of its line, from 1. */
  readonly line: number;
  /** Byte offset of the end of that line. */
  readonly end: number;
}

const END_OF_LINE = '\n';
const header = Compile(Header);
const formatOnly = Compile(
  Type.Pick(Header, ['format', 'version'], { additionalProperties: true }),
);
const eventLine = Compile(EventLine);

/**
 * Reads the events of an export file in order, and verifies each line on the way. The file is complete and undamaged
 * only if the iteration ends without an error.
 *
 * @throws DamagedFileError at the first damaged line
 * @throws NewerExportError
 */
export async function* readEvents(
  file: FileHandle,
  signal: AbortSignal | undefined,
): AsyncGenerator<FileEvent> {
  const hash = createHash('sha256');
  let crc = 0;
  let events = 0;
  let last = 0;
  let complete = false;
  for await (const line of readLines(file, signal)) {
    const { number, bytes, end } = line;
    last = number;
    if (number === 1) {
      assertHeader(line);
      continue;
    }
    if (complete) throw new DamagedFileError(number, 'comes after the trailer');
    const sum = readChecksum(bytes, crc);
    if (sum === null)
      throw new DamagedFileError(number, 'is altered, or lines before it are missing');
    const content = parse(line);
    if (eventLine.Check(content)) {
      crc = sum;
      events += 1;
      hash.update(bytes).update(END_OF_LINE);
      yield { event: content, line: number, end };
    } else if (isTrailer(content)) {
      assertTrailer(line, trailerLine(events, hash.digest('hex'), crc).text, events);
      complete = true;
    } else {
      const [, errors] = eventLine.Errors(content);
      throw new DamagedFileError(number, `is not an event: ${reason(errors)}`);
    }
  }
  if (!complete)
    throw new DamagedFileError(last + 1, 'is missing: the file ends without a trailer');
}

function assertHeader(line: Line): void {
  const content = parse(line);
  // First: of a header of another version, only these two fields are known.
  if (formatOnly.Check(content) && content.version > FORMAT_VERSION) {
    throw new NewerExportError(content.version, FORMAT_VERSION);
  }
  if (!header.Check(content)) {
    throw new DamagedFileError(line.number, 'is not the header of an export of the event log');
  }
  if (readChecksum(line.bytes, 0) === null) {
    throw new DamagedFileError(line.number, 'is altered');
  }
}

function isTrailer(content: unknown): content is object {
  return typeof content === 'object' && content !== null && 'sha256' in content;
}

function assertTrailer({ number, bytes }: Line, expected: string, events: number): void {
  if (bytes.toString('utf8') === expected) return;
  const message = `does not match the ${events} events before it, or their hash`;
  throw new DamagedFileError(number, message);
}

function parse({ number, bytes }: Line): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new DamagedFileError(number, 'is not JSON', { cause: error });
  }
}

function reason(errors: readonly { instancePath: string; message: string }[]): string {
  const [first] = errors;
  return first === undefined ? 'another shape' : `${first.instancePath || '/'} ${first.message}`;
}
