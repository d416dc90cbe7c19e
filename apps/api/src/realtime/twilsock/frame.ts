import { isUtf8 } from 'node:buffer';
import { messageFrame, OPCODE } from '../sockets/message-frame.ts';

/** A Twilsock message: a header, and a payload that may be empty. */
export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Buffer;
}

/** Fields of every header; others depend on the method. */
export interface FrameHeader {
  readonly method: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Bytes are not a valid frame. The message names the error and never contains any of the bytes. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Maximum size of a header. A token and the headers of a tunnelled request take a tenth of it. */
export const MAX_HEADER_BYTES = 16 * 1024;

const CRLF = '\r\n';
const MAGIC = /^TWILSOCK V3\.0 (0|[1-9]\d{0,7})$/;
/** Maximum length of the first line, in bytes. */
const MAX_MAGIC_LENGTH = 'TWILSOCK V3.0 '.length + 8;

/**
 * Returns the frame in a message: the line `TWILSOCK V3.0 <bytes of the header>`, the header as JSON, and the payload, with CRLF
 * between them. Every length is exact, in bytes of UTF-8.
 *
 * @throws FrameError
 */
export function parseFrame(bytes: Buffer): Frame {
  const endOfMagic = bytes.subarray(0, MAX_MAGIC_LENGTH + CRLF.length).indexOf(CRLF);
  if (endOfMagic < 0) throw new FrameError('No first line');
  const magic = MAGIC.exec(bytes.toString('latin1', 0, endOfMagic));
  if (magic === null) throw new FrameError('Not Twilsock V3.0');
  const headerSize = Number(magic[1]);
  if (headerSize > MAX_HEADER_BYTES) throw new FrameError('The header is too large');
  const start = endOfMagic + CRLF.length;
  const end = start + headerSize;
  if (bytes.toString('latin1', end, end + CRLF.length) !== CRLF) {
    throw new FrameError('The header does not have the size in the first line');
  }
  const header = readHeader(bytes.subarray(start, end));
  const payload = bytes.subarray(end + CRLF.length);
  if ((header['payload_size'] ?? 0) !== payload.length) {
    throw new FrameError('The payload does not have the size in the header');
  }
  return { header, payload };
}

/** Returns the bytes of a frame; a payload is written as JSON. */
export function encodeFrame(header: FrameHeader, payload?: unknown): Buffer {
  const body = payload === undefined ? '' : JSON.stringify(payload);
  const type = payload === undefined ? {} : { payload_type: 'application/json' };
  const json = JSON.stringify({ ...header, ...type, payload_size: Buffer.byteLength(body) });
  return Buffer.from(`TWILSOCK V3.0 ${Buffer.byteLength(json)}${CRLF}${json}${CRLF}${body}`);
}

/** Returns a frame as a WebSocket message, ready to be written to any number of sockets. */
export function encodeMessage(header: FrameHeader, payload?: unknown): Buffer {
  const frame = encodeFrame(header, payload);
  return messageFrame(OPCODE.binary, frame.length, (message, at) => frame.copy(message, at));
}

/**
 * Returns the parsed JSON payload; undefined if it is empty.
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

function readJson(bytes: Buffer, part: string): unknown {
  if (!isUtf8(bytes)) throw new FrameError(`${part} is not UTF-8`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new FrameError(`${part} is not JSON`);
  }
}

function isHeader(value: unknown): value is FrameHeader {
  if (typeof value !== 'object' || value === null) return false;
  return 'method' in value && typeof value.method === 'string' && 'id' in value && isId(value.id);
}

/** Ids are repeated in replies, so their length is limited. */
function isId(id: unknown): boolean {
  return typeof id === 'string' && id.length > 0 && id.length <= 128;
}
