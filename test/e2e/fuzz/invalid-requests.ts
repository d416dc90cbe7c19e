import fc from 'fast-check';
import { encode, text, upgrade } from './raw-socket.ts';

/** Tokens and names from which invalid requests are made. */
export interface Ingredients {
  /** Makes a token for a User of the watched Service. */
  readonly token: (identity: string) => string;
  readonly refusedTokens: readonly string[];
  readonly tokenOfMissingService: string;
  readonly tokenOfOtherService: string;
  readonly userOfOtherService: string;
  readonly bindingOfOther: string;
}

/** One invalid request and the expected result. */
export interface InvalidRequest {
  readonly name: string;
  readonly head: string | Buffer;
  readonly frames: readonly Buffer[];
  readonly status?: number;
  readonly errors?: readonly (string | number)[];
  readonly closeCodes: readonly (number | null)[];
  /** Number of errors after which the client closes. */
  readonly maxErrors?: number;
}

const BAD_FRAME = { errors: ['bad_frame'], closeCodes: [4400] };

/** All kinds of invalid requests, before and after the client is ready. */
export function invalidRequests(given: Ingredients): fc.Arbitrary<InvalidRequest> {
  const identity = fc.nat({ max: 199 }).map((index) => `mallory-${index}`);
  const head = identity.map((name) => upgrade(`/stream?token=${given.token(name)}`));
  const afterReady = (
    name: string,
    frames: fc.Arbitrary<readonly Buffer[]>,
    rest: Pick<InvalidRequest, 'errors' | 'closeCodes' | 'maxErrors'>,
  ): fc.Arbitrary<InvalidRequest> =>
    fc
      .tuple(head, frames)
      .map(([opening, some]) => ({ name, head: opening, frames: some, ...rest }));
  const one = (bytes: fc.Arbitrary<Buffer>) => bytes.map((frame) => [frame]);
  const refusedFrame = (
    name: string,
    frames: fc.Arbitrary<readonly Buffer[]>,
    code: string,
  ): fc.Arbitrary<InvalidRequest> =>
    afterReady(name, frames, { errors: [code], closeCodes: [1000], maxErrors: 1 });
  const opening = (
    name: string,
    heads: fc.Arbitrary<string | Buffer>,
    rest: Pick<InvalidRequest, 'status' | 'closeCodes'>,
  ): fc.Arbitrary<InvalidRequest> =>
    heads.map((bytes) => ({ name, head: bytes, frames: [], ...rest }));
  const stream = (token: string) => upgrade(`/stream?token=${encodeURIComponent(token)}`);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: afterReady(
        'text that is not JSON',
        one(fc.string().map((some) => text(`{${some}`))),
        BAD_FRAME,
      ),
    },
    {
      weight: 4,
      arbitrary: afterReady(
        'JSON that is not a frame',
        one(fc.jsonValue().map((value) => text(JSON.stringify([value])))),
        BAD_FRAME,
      ),
    },
    {
      weight: 8,
      arbitrary: afterReady('a frame with a wrong field', one(invalidFields.map(text)), BAD_FRAME),
    },
    {
      weight: 4,
      arbitrary: afterReady(
        'a binary message',
        one(
          fc
            .uint8Array({ maxLength: 200 })
            .map((bytes) => encode({ opcode: 2, payload: Buffer.from(bytes) })),
        ),
        BAD_FRAME,
      ),
    },
    afterReady(
      'a message over 64 KB',
      one(fc.integer({ min: 65_537, max: 80_000 }).map((length) => text('x'.repeat(length)))),
      { closeCodes: [1009] },
    ),
    afterReady(
      'a length over all limits',
      one(
        fc
          .bigInt({ min: 70_000n, max: 2n ** 62n })
          .map((claimedLength) => encode({ payload: Buffer.alloc(9), claimedLength })),
      ),
      { closeCodes: [1009] },
    ),
    afterReady(
      'fragments that are too large together',
      fc.constant([
        encode({ payload: Buffer.alloc(60_000, 'x'), final: false }),
        encode({ payload: Buffer.alloc(60_000, 'x'), opcode: 0 }),
      ]),
      { closeCodes: [1009] },
    ),
    {
      weight: 4,
      arbitrary: afterReady('bytes that are not a frame', one(brokenFrames), {
        closeCodes: [1002],
      }),
    },
    afterReady(
      'text that is not UTF-8',
      one(
        fc
          .constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80])
          .map((bytes) => encode({ payload: Buffer.from(bytes) })),
      ),
      { closeCodes: [1007] },
    ),
    {
      weight: 3,
      arbitrary: refusedFrame(
        'a User of another Service',
        fc.constant([text({ type: 'get', id: 1, user: given.userOfOtherService })]),
        'not_found',
      ),
    },
    refusedFrame(
      'a Binding of another User',
      fc.constant([text({ type: 'unbind', id: 1, sid: given.bindingOfOther })]),
      'not_found',
    ),
    refusedFrame(
      'an invalid Binding',
      one(
        fc
          .string({ minLength: 4, maxLength: 8 })
          .map((type) => text({ type: 'bind', id: 1, binding_type: type, address: 'x' })),
      ),
      'invalid',
    ),
    refusedFrame(
      'a token of another Service',
      fc.constant([text({ type: 'token', id: 1, token: given.tokenOfOtherService })]),
      'invalid',
    ),
    {
      weight: 4,
      arbitrary: opening(
        'a rejected token',
        fc.oneof(fc.constantFrom(...given.refusedTokens), fc.string({ minLength: 1 })).map(stream),
        { status: 101, closeCodes: [4401] },
      ),
    },
    {
      weight: 2,
      arbitrary: opening(
        'a token of a missing Service',
        fc.constant(stream(given.tokenOfMissingService)),
        {
          status: 101,
          closeCodes: [4404],
        },
      ),
    },
    {
      weight: 2,
      arbitrary: opening(
        'frames before the ready frame',
        fc.string().map((some) => Buffer.concat([Buffer.from(stream('nobody')), text(some)])),
        { status: 101, closeCodes: [4401] },
      ),
    },
    opening(
      'another path',
      fc.constantFrom('/', '/streams', '/stream/x', '/v3').map((path) => upgrade(path)),
      { status: 404, closeCodes: [null] },
    ),
    opening(
      'an upgrade without a key',
      fc.constant(upgrade('/stream', { 'Sec-WebSocket-Key': '' })),
      { status: 400, closeCodes: [null] },
    ),
    opening(
      'an upgrade of another version',
      fc
        .constantFrom('1', '12', '14')
        .map((version) => upgrade('/stream', { 'Sec-WebSocket-Version': version })),
      { status: 400, closeCodes: [null] },
    ),
  );
}

/** Frames of a known type with an invalid field, and frames of an unknown type. */
const invalidFields: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ type: fc.string().filter((type) => !TYPES.has(type)), users: fc.array(fc.string()) }),
  fc.record({
    type: fc.constantFrom('watch', 'unwatch'),
    users: fc.oneof(invalidNames(), fc.constant([]), fc.constant('')),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(['ann']),
    id: fc.constantFrom(-1, 0.5, '1', null, []),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(['ann']),
    since: fc.oneof(fc.integer(), fc.constantFrom('', ':', 'a:b', 'a:1:2', null)),
  }),
  fc.record({
    type: fc.constant('watch'),
    users: fc.constant(Array.from({ length: 1_001 }, (_, index) => `u${index}`)),
  }),
  fc.record({
    type: fc.constant('get'),
    user: fc.oneof(fc.integer(), fc.constantFrom('', null, ['ann'])),
  }),
  fc.record({ type: fc.constant('bind'), binding_type: fc.constant('fcm') }),
  fc.record({ type: fc.constant('unbind'), sid: fc.oneof(fc.integer(), fc.constant(null)) }),
  fc.record({ type: fc.constant('token'), token: fc.oneof(fc.integer(), fc.constant(null)) }),
  fc.record({ type: fc.oneof(fc.integer(), fc.constantFrom(null, true, [], {})) }),
);

const TYPES = new Set(['watch', 'unwatch', 'get', 'bind', 'unbind', 'token', 'ping', 'bye']);

function invalidNames(): fc.Arbitrary<unknown> {
  return fc.array(fc.oneof(fc.integer(), fc.constantFrom(null, {}, '')), {
    minLength: 1,
    maxLength: 5,
  });
}

/** Frames that violate RFC 6455. */
const brokenFrames: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constant(encode({ payload: Buffer.from('{}'), masked: false })),
  fc
    .integer({ min: 1, max: 7 })
    .map((reserved) => encode({ payload: Buffer.from('{}'), reserved })),
  fc
    .constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    .map((opcode) => encode({ payload: Buffer.from('{}'), opcode })),
  fc.constant(encode({ payload: Buffer.from('{}'), opcode: 0 })),
  fc.constantFrom(8, 9, 10).map((opcode) => encode({ payload: Buffer.alloc(126), opcode })),
  fc
    .constantFrom(8, 9, 10)
    .map((opcode) => encode({ payload: Buffer.from('x'), opcode, final: false })),
  fc.constantFrom(0, 999, 1004, 1005, 1006, 2_999, 5_000).map((code) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return encode({ payload, opcode: 8 });
  }),
);
