import protobuf from 'protobufjs/minimal.js';
import type { LogPosition } from '../../log-client.ts';

/** Tags of `ReadReq` in the server's `streams.proto`: field number, with the wire type in the last three bits. */
const OPTIONS = (1 << 3) | 2;
const ALL = (2 << 3) | 2;
const ALL_FROM_POSITION = (1 << 3) | 2;
const ALL_FROM_START = (2 << 3) | 2;
const COMMIT = 1 << 3;
const PREPARE = 2 << 3;
const COUNT = 5 << 3;
const NO_FILTER = (8 << 3) | 2;
const IDS = (9 << 3) | 2;
const IDS_AS_TEXT = (2 << 3) | 2;

/** Encodes a request for the whole log from a position on, forwards, with ids as text. */
export function encodeReadAllRequest(from: LogPosition | 'start'): Buffer {
  const writer = new protobuf.Writer();
  writer.uint32(OPTIONS).fork();

  writer.uint32(ALL).fork();
  if (from === 'start') {
    writer.uint32(ALL_FROM_START).fork().ldelim();
  } else {
    writer.uint32(ALL_FROM_POSITION).fork();
    writer.uint32(COMMIT).uint64(from.commit.toString());
    writer.uint32(PREPARE).uint64(from.prepare.toString());
    writer.ldelim();
  }
  writer.ldelim();

  writer.uint32(COUNT).uint64(Number.MAX_SAFE_INTEGER);
  writer.uint32(NO_FILTER).fork().ldelim();
  writer.uint32(IDS).fork().uint32(IDS_AS_TEXT).fork().ldelim().ldelim();

  writer.ldelim();
  return Buffer.from(writer.finish());
}
