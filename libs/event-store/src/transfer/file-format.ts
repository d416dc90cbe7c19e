import { crc32 } from 'node:zlib';
import { Type, type Static } from 'typebox';
import { STREAM_PREFIXES } from '#domain';
import type { RecordedEvent } from '../envelope.ts';

/**
 * The export file: NDJSON in UTF-8, a header, one line for each event in log order, a trailer. Every line ends
 * with a CRC-32 of its text before that; over the events and the trailer each goes on from the one before, so
 * that a line which was altered, moved or taken out shows at its place. The trailer's count and SHA-256 vouch for
 * all event lines, whatever happened to the checksums.
 */
const FORMAT = 'reachability-events';
export const FORMAT_VERSION = 1;

const CHECKSUM_START = ',"crc32":"';
const CHECKSUM_END = '"}';
const CHECKSUM_LENGTH = CHECKSUM_START.length + 8 + CHECKSUM_END.length;

export const Header = Type.Object(
  {
    format: Type.Literal(FORMAT),
    version: Type.Integer(),
    /** Of the store that the file was written from. */
    epoch: Type.String(),
    crc32: Type.String(),
  },
  { additionalProperties: false },
);

/** Exactly what every store keeps: a field more would be lost on the way through one of them. */
export const Metadata = Type.Object(
  {
    occurredAt: Type.String({
      pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
    }),
    correlationId: Type.String(),
    causationId: Type.String(),
    actor: Type.String(),
  },
  { additionalProperties: false },
);

export const EventLine = Type.Object(
  {
    /** In the store that the file was written from: for people, since every store gives its own. */
    position: Type.String(),
    stream: Type.String({ pattern: `^(${STREAM_PREFIXES.join('|')})[\\s\\S]` }),
    revision: Type.Integer({ minimum: 0 }),
    id: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
    type: Type.String({ minLength: 1 }),
    schemaVersion: Type.Integer({ minimum: 1 }),
    data: Type.Object({}),
    metadata: Metadata,
    crc32: Type.String(),
  },
  { additionalProperties: false },
);
export type EventLine = Static<typeof EventLine>;

/** A line without its end of line, and the checksum that the next one goes on from. */
export interface ChecksummedLine {
  readonly text: string;
  readonly crc: number;
}

export function headerLine(epoch: string): ChecksummedLine {
  return addChecksum({ format: FORMAT, version: FORMAT_VERSION, epoch }, 0);
}

/** @param crc of the event line before, 0 for the first */
export function eventLine(event: RecordedEvent, crc: number): ChecksummedLine {
  const { position, stream, revision, id, type, schemaVersion, data, metadata } = event;
  const line = { position, stream, revision, id, type, schemaVersion, data, metadata };
  return addChecksum(line, crc);
}

/**
 * @param sha256 of the event lines with their ends of line, in hexadecimal
 * @param crc of the last event line, 0 where there is none
 */
export function trailerLine(events: number, sha256: string, crc: number): ChecksummedLine {
  return addChecksum({ events, sha256 }, crc);
}

function addChecksum(content: object, before: number): ChecksummedLine {
  const body = JSON.stringify(content).slice(0, -1);
  const crc = crc32(body, before);
  return { text: `${body}${CHECKSUM_START}${hex(crc)}${CHECKSUM_END}`, crc };
}

/** The checksum of a line as read, null where it does not match its text or is missing. */
export function readChecksum(line: Buffer, before: number): number | null {
  const crc = crc32(line.subarray(0, -CHECKSUM_LENGTH), before);
  const expected = `${CHECKSUM_START}${hex(crc)}${CHECKSUM_END}`;
  return line.toString('latin1', Math.max(0, line.length - CHECKSUM_LENGTH)) === expected
    ? crc
    : null;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
