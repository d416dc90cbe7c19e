import { isUtf8 } from 'node:buffer';
import { messageFrame, OPCODE } from '../sockets/message-frame.ts';

/** A message of Twilsock: a header that says what it is, and a payload that belongs to it. */
export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Buffer;
}

/** What every header has; the rest depends on the method. */
export interface FrameHeader {
  readonly method: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Bytes that are no frame. The message says what is wrong and never repeats any of them. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Most bytes of a header: a token and the headers of a tunnelled request take a tenth of it. */
export const MOST_HEADER_BYTES = 16 * 1024;

const CRLF = '\r\n';
const MAGIC = /^TWILSOCK V3\.0 (0|[1-9]\d{0,7})$/;
/** Longest first line, in bytes. */
const LONGEST_MAGIC = 'TWILSOCK V3.0 '.length + 8;

/**
 * Reads a frame: the line `TWILSOCK V3.0 <bytes of the header>`, the header as JSON, and the payload, with CRLF
 * between them. Every length counts bytes of UTF-8 and has to be exact.
 *
 * @throws FrameError
 */
export function parseFrame(bytes: Buffer): Frame {
  const endOfMagic = bytes.subarray(0, LONGEST_MAGIC + CRLF.length).indexOf(CRLF);
  if (endOfMagic < 0) throw new FrameError('No first line');
  const magic = MAGIC.exec(bytes.toString('latin1', 0, endOfMagic));
  if (magic === null) throw new FrameError('Not Twilsock V3.0');
  const headerSize = Number(magic[1]);
  if (headerSize > MOST_HEADER_BYTES) throw new FrameError('The header is too large');
  const start = endOfMagic + CRLF.length;
  const end = start + headerSize;
  if (bytes.toString('latin1', end, end + CRLF.length) !== CRLF) {
    throw new FrameError('The header does not end where it says');
  }
  const header = readHeader(bytes.subarray(start, end));
  const payload = bytes.subarray(end + CRLF.length);
  if ((header['payload_size'] ?? 0) !== payload.length) {
    throw new FrameError('The payload does not have the size that the header says');
  }
  return { header, payload };
}

/** Writes a frame; its payload, where it has one, as JSON. */
export function encodeFrame(header: FrameHeader, payload?: unknown): Buffer {
  const body = payload === undefined ? '' : JSON.stringify(payload);
  const type = payload === undefined ? {} : { payload_type: 'application/json' };
  const json = JSON.stringify({ ...header, ...type, payload_size: Buffer.byteLength(body) });
  return Buffer.from(`TWILSOCK V3.0 ${Buffer.byteLength(json)}${CRLF}${json}${CRLF}${body}`);
}

/** A frame as a message that is ready to be written to any number of sockets. */
export function encodeMessage(header: FrameHeader, payload?: unknown): Buffer {
  const frame = encodeFrame(header, payload);
  return messageFrame(OPCODE.binary, frame.length, (message, at) => frame.copy(message, at));
}

/**
 * The payload as JSON; undefined where there is none.
 *
 * @throws FrameError
 */
export function readPayload({ payload }: Frame): unknown {
  return payload.length === 0 ? undefined : readJson(payload, 'The payload');
}

function readHeader(bytes: Buffer): FrameHeader {
  const header = readJson(bytes, 'The header');
  if (!isHeader(header)) throw new FrameError('The header has no method and id');
  return header;
}

function readJson(bytes: Buffer, what: string): unknown {
  if (!isUtf8(bytes)) throw new FrameError(`${what} is not UTF-8`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new FrameError(`${what} is not JSON`);
  }
}

function isHeader(value: unknown): value is FrameHeader {
  if (typeof value !== 'object' || value === null) return false;
  return 'method' in value && typeof value.method === 'string' && 'id' in value && isId(value.id);
}

/** Ids are repeated in replies, so there is an end to their length. */
function isId(id: unknown): boolean {
  return typeof id === 'string' && id.length > 0 && id.length <= 128;
}
