import { describe, expect, it } from '@jest/globals';
import { convertGrpcEvent } from '@eventstore/db-client/dist/utils/index.js';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import type { RawEvent } from '../../log-client.ts';
import { toRawEvent } from '../db-client-reads.ts';
import { decodeReadAnswer } from './read-answer.ts';

interface Written {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly contentType: string;
  readonly revision: bigint;
  readonly commit: bigint;
  readonly prepare: bigint;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

const JSON_CONTENT = 'application/json';
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

const ordinary: Written = {
  id: 'c56a4180-65aa-42ec-a945-5fd21dec0538',
  stream: 'user-1',
  type: 'UserCreated',
  contentType: JSON_CONTENT,
  revision: 4n,
  commit: 9n,
  prepare: 9n,
  data: bytesOf({ identity: 'ada' }),
  metadata: bytesOf({ actor: 'cli' }),
};

/** The server's bytes for an event, encoded with the client library's own code. */
function answerOf(written: Written): ReadResp {
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(new UUID().setString(written.id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(written.stream)))
    .setStreamRevision(String(written.revision))
    .setCommitPosition(String(written.commit))
    .setPreparePosition(String(written.prepare))
    .setCustomMetadata(written.metadata)
    .setData(written.data);
  recorded
    .getMetadataMap()
    .set('type', written.type)
    .set('content-type', written.contentType)
    .set('created', '638000000000000000');
  const event = new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition('9');
  return new ReadResp().setEvent(event);
}

const encoded = (answer: ReadResp) => Buffer.from(answer.serializeBinary());

const uint64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n));
const content = fc.oneof(
  fc.record({
    contentType: fc.constant(JSON_CONTENT),
    data: fc.json({ stringUnit: 'binary' }).map((json) => Buffer.from(json)),
  }),
  fc.record({ contentType: fc.constant('application/octet-stream'), data: fc.uint8Array() }),
);
const writing = fc
  .record({
    id: fc.uuid(),
    stream: fc.string({ unit: 'binary', minLength: 1 }),
    type: fc.string({ unit: 'binary', minLength: 1 }),
    revision: uint64,
    commit: uint64,
    prepare: uint64,
    metadata: fc.oneof(fc.json(), fc.string({ minLength: 1 })).map((json) => Buffer.from(json)),
  })
  .chain((rest) => content.map((each): Written => ({ ...rest, ...each })));

describe('an answer to a read', () => {
  it('decodes to the same event as in the client library', () => {
    fc.assert(
      fc.property(writing, (written) => {
        const answer = answerOf(written);
        const { event } = convertGrpcEvent(answer.getEvent()!);
        const decoded = decodeReadAnswer(encoded(answer));
        expect(normal(decoded)).toEqual(normal(toRawEvent(event!)));
      }),
    );
  });

  it('decodes to null if it contains no event', () => {
    const answers = [
      new ReadResp(),
      new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation()),
      new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition('7')),
      new ReadResp().setCaughtUp(new ReadResp.CaughtUp()),
      new ReadResp().setLastStreamPosition('3'),
      new ReadResp().setEvent(new ReadResp.ReadEvent().setNoPosition(new Empty())),
    ];
    expect(answers.map((answer) => decodeReadAnswer(encoded(answer)))).toEqual(
      answers.map(() => null),
    );
  });

  it('may have unknown fields', () => {
    const known = encoded(answerOf(ordinary));
    // Field 99 in each wire type: varint, eight bytes, delimited, group, four bytes.
    const unknown = [
      [0x98, 0x06, 0x80, 0x01],
      [0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x9a, 0x06, 2, 1, 2],
      [0x9b, 0x06, 0x08, 0x01, 0x9c, 0x06],
      [0x9d, 0x06, 1, 2, 3, 4],
    ].flat();
    const answer = Buffer.concat([Buffer.from(unknown), known, Buffer.from(unknown)]);
    expect(decodeReadAnswer(answer)).toEqual(decodeReadAnswer(known));
  });

  it('is refused if it is truncated anywhere', () => {
    const whole = encoded(answerOf(ordinary));
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => decodeReadAnswer(whole.subarray(0, length))).toThrow();
    }
  });

  it('made of random bytes is refused or decoded, and decoding ends', () => {
    const whole = encoded(answerOf(ordinary));
    const damage = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const damaged = Buffer.from(whole);
        for (const { at, byte } of damages) damaged[at] = byte;
        const outcome = outcomeOf(damaged);
        expect(outcome === null || outcome instanceof Error || outcome.stream !== '').toBe(true);
      }),
    );
  });

  it('returns invalid JSON as bytes', () => {
    const broken = Buffer.from('{"identity":');
    const answer = answerOf({ ...ordinary, data: broken, metadata: broken });
    expect(decodeReadAnswer(encoded(answer))).toMatchObject({ data: broken, metadata: broken });
  });

  it('is refused if its event has no stream', () => {
    const answer = answerOf({ ...ordinary, stream: '' });
    expect(() => decodeReadAnswer(encoded(answer))).toThrow('without');
  });
});

function outcomeOf(answer: Buffer): RawEvent | Error | null {
  try {
    return decodeReadAnswer(answer);
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Makes byte arrays of different classes comparable. */
function normal(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, normal(each)]));
}
