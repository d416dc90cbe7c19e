import type { RawEvent } from '../../log-client.ts';
import { END, WireReader } from './wire-reader.ts';

/** Tags in the server's `streams.proto` and `shared.proto`. */
const READ_EVENT = (1 << 3) | 2;
const RECORDED_EVENT = (1 << 3) | 2;

const ID = (1 << 3) | 2;
const STREAM = (2 << 3) | 2;
const REVISION = 3 << 3;
const PREPARE = 4 << 3;
const COMMIT = 5 << 3;
const PROPERTY = (6 << 3) | 2;
const METADATA = (7 << 3) | 2;
const DATA = (8 << 3) | 2;

const ID_AS_TEXT = (2 << 3) | 2;
const STREAM_NAME = (3 << 3) | 2;
const PROPERTY_NAME = (1 << 3) | 2;
const PROPERTY_VALUE = (2 << 3) | 2;

/** The server counts time in steps of 100 ns: digits of such a number after its milliseconds. */
const DIGITS_BELOW_MS = 4;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * Decodes one answer to a read; null if it contains no event. Unknown fields are skipped, as the format requires.
 * Content that is not declared as JSON, or does not parse, is returned as bytes.
 *
 * @throws Error when the bytes are not such an answer
 */
export function decodeReadAnswer(answer: Buffer): RawEvent | null {
  const reader = new WireReader(answer);
  let event: RawEvent | null = null;
  for (let tag = reader.tag(answer.length); tag !== END; tag = reader.tag(answer.length)) {
    if (tag === READ_EVENT) event = readEvent(reader) ?? event;
    else reader.skip(tag);
  }
  return event;
}

function readEvent(reader: WireReader): RawEvent | null {
  const end = reader.enter();
  let event: RawEvent | null = null;
  for (let tag = reader.tag(end); tag !== END; tag = reader.tag(end)) {
    if (tag === RECORDED_EVENT) event = recordedEvent(reader);
    else reader.skip(tag);
  }
  return event;
}

/** Reads an event. Its numbers start at zero, because a message omits zeros. */
function recordedEvent(reader: WireReader): RawEvent {
  const end = reader.enter();
  const properties = { type: '', 'content-type': '', created: '' };
  let id = '';
  let stream = '';
  let revision = 0n;
  let prepare = 0n;
  let commit = 0n;
  let metadata: Buffer | undefined;
  let data = EMPTY;
  for (let tag = reader.tag(end); tag !== END; tag = reader.tag(end)) {
    switch (tag) {
      case ID:
        id = textOf(reader, ID_AS_TEXT);
        break;
      case STREAM:
        stream = textOf(reader, STREAM_NAME);
        break;
      case REVISION:
        revision = reader.unsigned();
        break;
      case PREPARE:
        prepare = reader.unsigned();
        break;
      case COMMIT:
        commit = reader.unsigned();
        break;
      case PROPERTY:
        readProperty(reader, properties);
        break;
      case METADATA:
        metadata = reader.bytes();
        break;
      case DATA:
        data = reader.bytes();
        break;
      default:
        reader.skip(tag);
    }
  }
  if (id === '' || stream === '') throw new Error('An event without an id or a stream');
  return {
    id,
    stream,
    type: properties.type,
    revision,
    position: { commit, prepare },
    created: Number(properties.created.slice(0, -DIGITS_BELOW_MS)),
    data: properties['content-type'] === 'application/json' ? parseJson(data) : data,
    metadata: parseJson(metadata),
  };
}

/** Reads a nested message, and returns the text of one of its fields. */
function textOf(reader: WireReader, field: number): string {
  const end = reader.enter();
  let text = '';
  for (let tag = reader.tag(end); tag !== END; tag = reader.tag(end)) {
    if (tag === field) text = reader.text();
    else reader.skip(tag);
  }
  return text;
}

function readProperty(
  reader: WireReader,
  properties: Record<'type' | 'content-type' | 'created', string>,
): void {
  const end = reader.enter();
  let name = '';
  let value = '';
  for (let tag = reader.tag(end); tag !== END; tag = reader.tag(end)) {
    if (tag === PROPERTY_NAME) name = reader.text();
    else if (tag === PROPERTY_VALUE) value = reader.text();
    else reader.skip(tag);
  }
  if (name === 'type' || name === 'content-type' || name === 'created') properties[name] = value;
}

function parseJson(json: Buffer | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return json;
  }
}
