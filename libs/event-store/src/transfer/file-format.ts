import { crc32 } from 'node:zlib';
import { Type, type Static } from 'typebox';
import { STREAM_PREFIXES } from '#domain';
import type { RecordedEvent } from '../envelope.ts';
import { RECORDED_TRACE } from '../trace-context.ts';

/**
 * The export file is NDJSON in UTF-8: a header, one line for each event in log order, a trailer. Every line ends with
 * a CRC-32 of its preceding text. From the first event to the trailer each checksum continues the one before, so that
 * an altered, moved or removed line is detected at its line number. The trailer's count and SHA-256 cover all event
 * lines, independently of the checksums.
 */
const FORMAT = 'reachability-events';
/** Version 1 is that of before events had a `trace`, which the first programs refuse. */
export const FORMAT_VERSION = 2;

const CHECKSUM_START = ',"crc32":"';
const CHECKSUM_END = '"}';
const CHECKSUM_LENGTH = CHECKSUM_START.length + 8 + CHECKSUM_END.length;

export const Header = Type.Object(
  {
    format: Type.Literal(FORMAT),
    version: Type.Integer({ minimum: 1 }),
    /** Epoch of the exported store. */
    epoch: Type.String(),
    crc32: Type.String(),
  },
  { additionalProperties: false },
);

const IsoTime = Type.String({
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
});

/** Exactly the fields that every adapter stores: any other field would be lost in one of them. */
export const Metadata = Type.Object(
  {
    occurredAt: IsoTime,
    correlationId: Type.String(),
    causationId: Type.String(),
    actor: Type.String(),
    source: Type.Optional(Type.String()),
    trace: Type.Optional(Type.String({ pattern: RECORDED_TRACE.source })),
    recordedAt: Type.Optional(IsoTime),
  },
  { additionalProperties: false },
);

export const EventLine = Type.Object(
  {
    /** Position in the exported store, for human readers only: every store assigns its own. */
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

/** A line without its line break, and the checksum that the next line continues. */
interface ChecksummedLine {
  readonly text: string;
  readonly crc: number;
}

export function headerLine(epoch: string): ChecksummedLine {
  return addChecksum({ format: FORMAT, version: FORMAT_VERSION, epoch }, 0);
}

/** @param crc of the previous event line, 0 for the first */
export function eventLine(event: RecordedEvent, crc: number): ChecksummedLine {
  const { position, stream, revision, id, type, schemaVersion, data, metadata } = event;
  const line = { position, stream, revision, id, type, schemaVersion, data, metadata };
  return addChecksum(line, crc);
}

/**
 * @param sha256 of the event lines with their line breaks, in hexadecimal
 * @param crc of the last event line, 0 if there is none
 */
export function trailerLine(events: number, sha256: string, crc: number): ChecksummedLine {
  return addChecksum({ events, sha256 }, crc);
}

function addChecksum(content: object, previous: number): ChecksummedLine {
  const body = JSON.stringify(content).slice(0, -1);
  const crc = crc32(body, previous);
  return { text: `${body}${CHECKSUM_START}${hex(crc)}${CHECKSUM_END}`, crc };
}

/** Verifies and returns the checksum of a line; null if it is missing or does not match. */
export function readChecksum(line: Buffer, previous: number): number | null {
  const crc = crc32(line.subarray(0, -CHECKSUM_LENGTH), previous);
  const expected = `${CHECKSUM_START}${hex(crc)}${CHECKSUM_END}`;
  return line.toString('latin1', Math.max(0, line.length - CHECKSUM_LENGTH)) === expected
    ? crc
    : null;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
